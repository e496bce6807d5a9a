// THE table of commands: which flags each takes, and what stands after them. What they mean is for others.

export type CommandName = 'run' | 'shell' | 'check' | 'route' | 'config' | 'map' | 'demo'

export interface Grammar {
  /** Letters of the flags without a value, and of those with one. */
  readonly switches: string
  readonly valued: string
  /** Flags that are words. */
  readonly long?: Readonly<Record<string, 'nothing' | 'value'>>
  /** What stands after the flags. */
  readonly takes: 'host and command' | 'host' | 'nothing'
}

/** The letters that say something of the host. */
const ofHost = { switches: '46A', valued: 'FJilop' } as const

/** Which configuration of our own is read. */
const sources = { config: 'value', 'no-config': 'nothing' } as const

export const grammars: Readonly<Record<CommandName, Grammar>> = {
  run: { ...ofHost, switches: `${ofHost.switches}nTtv`, long: sources, takes: 'host and command' },
  shell: { ...ofHost, switches: `${ofHost.switches}v`, long: sources, takes: 'host' },
  check: {
    ...ofHost,
    switches: `${ofHost.switches}v`,
    long: { ...sources, json: 'nothing' },
    takes: 'host',
  },
  route: { ...ofHost, long: { ...sources, json: 'nothing', ssh: 'nothing' }, takes: 'host' },
  config: { ...ofHost, long: { origins: 'nothing' }, takes: 'host' },
  map: {
    switches: '',
    valued: 'F',
    long: { ...sources, format: 'value', output: 'value' },
    takes: 'nothing',
  },
  demo: { switches: '', valued: '', takes: 'nothing' },
}
