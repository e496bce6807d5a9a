// THE table of commands: which flags each takes, and what stands after them. What they mean is for others.

export type CommandName =
  | 'run'
  | 'shell'
  | 'put'
  | 'get'
  | 'forward'
  | 'nc'
  | 'check'
  | 'route'
  | 'config'
  | 'map'
  | 'demo'

export interface Grammar {
  /** Letters of the flags without a value, and of those with one. */
  readonly switches: string
  readonly valued: string
  /** Flags that are words. */
  readonly long?: Readonly<Record<string, 'nothing' | 'value'>>
  /** Those that go only with -H, which names many hosts. */
  readonly withMany?: Readonly<Record<string, 'nothing' | 'value'>>
  /** What stands after the flags. */
  readonly takes: 'host and command' | 'host and address' | 'host' | 'files' | 'nothing'
}

/** The letters that say something of the host. */
const ofHost = { switches: '46A', valued: 'FJilop' } as const

/** Those that say what is forwarded. */
const ofForwards = { switches: 'g', valued: 'LRD' } as const

/** Which configuration of our own is read. */
const sources = { config: 'value', 'no-config': 'nothing' } as const

/** How a command is run on many hosts. */
const ofMany = {
  parallel: 'value',
  waves: 'value',
  'stop-after-failures': 'value',
  timeout: 'value',
  'output-dir': 'value',
  json: 'nothing',
} as const

/** As scp's letters, of which -p is no port: -P is. */
const transfer: Grammar = {
  switches: '46ACpqrv',
  valued: 'FJiloP',
  long: {
    ...sources,
    resume: 'nothing',
    checksum: 'nothing',
    symlinks: 'value',
    json: 'nothing',
  },
  takes: 'files',
}

export const grammars: Readonly<Record<CommandName, Grammar>> = {
  run: {
    switches: `${ofHost.switches}${ofForwards.switches}nTtv`,
    valued: `${ofHost.valued}${ofForwards.valued}H`,
    long: sources,
    withMany: ofMany,
    takes: 'host and command',
  },
  shell: {
    switches: `${ofHost.switches}${ofForwards.switches}Nv`,
    valued: `${ofHost.valued}${ofForwards.valued}W`,
    long: sources,
    takes: 'host',
  },
  put: transfer,
  get: transfer,
  forward: {
    switches: `${ofHost.switches}${ofForwards.switches}v`,
    valued: `${ofHost.valued}${ofForwards.valued}`,
    long: { ...sources, json: 'nothing' },
    takes: 'host',
  },
  nc: { ...ofHost, switches: `${ofHost.switches}v`, long: sources, takes: 'host and address' },
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
