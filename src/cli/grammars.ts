// THE table of commands: which flags each takes, and what stands after them. What they mean is for others.

export type CommandName = 'run' | 'shell' | 'check' | 'route' | 'demo'

export interface Grammar {
  /** Letters of the flags without a value, and of those with one. */
  readonly switches: string
  readonly valued: string
  /** Flags that are words. */
  readonly long?: Readonly<Record<string, 'nothing' | 'value'>>
  /** What stands after the flags. */
  readonly takes: 'host and command' | 'host' | 'nothing'
}

export const grammars: Readonly<Record<CommandName, Grammar>> = {
  run: { switches: '46AnTtv', valued: 'FJilop', takes: 'host and command' },
  shell: { switches: '46Av', valued: 'FJilop', takes: 'host' },
  check: { switches: '46Av', valued: 'FJilop', long: { json: 'nothing' }, takes: 'host' },
  route: { switches: '46A', valued: 'FJilop', long: { json: 'nothing', ssh: 'nothing' }, takes: 'host' },
  demo: { switches: '', valued: '', takes: 'nothing' },
}
