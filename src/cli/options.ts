// Flags -> the options of the connection. As with ssh, of several values for one option the first wins, key files gather,
// and -l and -p win over the user and port in the host. All of them are for the host, none for the gateways.

import { type ConnectionOptions, formatDestination, parseDestination, type SettingOptions } from '../index.js'
import { askTerminal, hasTerminal } from './ask-terminal.js'
import { type Flag, hasFlag, type Invocation } from './command-line.js'
import { findForwardDirective } from './forward-flags.js'
import { MisuseError } from './misuse.js'

/** A host as the command line means it, and what it says about that host. */
export interface HostRequest {
  readonly destination: string
  readonly options: ConnectionOptions & { readonly originOf: (name: string) => string }
}

/** What the command line says about every host that it names. */
export interface FlagRequest {
  readonly options: HostRequest['options']
  /** A host as the flags mean it: -l and -p win over its own user and port. `origin` says where it was written. */
  readonly destinationOf: (host: string, origin: string) => string
}

/** Reads the flags and the host. Throws `MisuseError`, or the library's `ConfigError`. */
export function readRequest(invocation: Invocation): HostRequest {
  const { options, destinationOf } = readFlagRequest(invocation)
  return { destination: destinationOf(invocation.host, 'host'), options }
}

/** Reads the flags. Throws `MisuseError`, or the library's `ConfigError`. */
export function readFlagRequest(invocation: Invocation): FlagRequest {
  checkFlags(invocation)
  const directives = directivesOf(invocation)
  let options: ConnectionOptions = {}
  const origins = new Map<string, string>(configurationFlags)
  for (const flag of optionFlags(invocation)) {
    const option = optionOf(flag)
    const identityFile = [...(options.identityFile ?? []), ...(option.identityFile ?? [])]
    options = { ...option, ...options, ...(identityFile.length > 0 ? { identityFile } : {}) }
    for (const name of Object.keys(option)) origins.set(name, flag.letter)
  }
  const terminal = findTerminalFlag(invocation)
  if (terminal !== undefined) {
    options = { ...options, requestTty: terminal.requestTty }
    origins.set('requestTty', terminal.letter)
  }
  const given = new Set([...Object.keys(options), ...directives.map(keywordOf)])
  const destinationOf = (host: string, origin: string): string => {
    const { user, port, ...rest } = parseDestination(host, origin)
    return formatDestination({
      ...rest,
      user: given.has('user') ? undefined : user,
      port: given.has('port') ? undefined : port,
    })
  }
  return {
    destinationOf,
    options: {
      ...options,
      ...sourcesOf(invocation),
      sshOptions: directives,
      matchCommand: invocation.command === 'run' ? invocation.words.join(' ') : '',
      defaults: { ...terminalDefaults(), ...(hasFlag(invocation, '-W') ? streamDefaults : {}) },
      originOf: (name) => origins.get(name) ?? `option ${name}`,
    },
  }
}

/** As with ssh: a stream for standard input and output comes alone, unless a file or -o says otherwise. */
const streamDefaults: SettingOptions = { clearAllForwardings: true, exitOnForwardFailure: true }

const configurationFlags = [
  ['sshConfig', '-F'],
  ['config', '--config'],
  ['sshOptions', '-o'],
] as const

/** Which configured sources are asked; what is `undefined` is left to the library. */
export interface Sources {
  readonly sshConfig: string | readonly string[] | undefined
  readonly config: string | false | undefined
}

/** Which configured sources the flags name. Throws `MisuseError`. */
export function sourcesOf(invocation: Invocation): Sources {
  const { command, flags } = invocation
  const file = flags.find(({ letter }) => letter === '-F')?.value
  const own = flags.find(({ letter }) => letter === '--config')?.value
  if (own !== undefined && hasFlag(invocation, '--no-config')) {
    throw new MisuseError('--config and --no-config exclude each other', { command })
  }
  return {
    sshConfig: file === 'none' ? [] : file,
    config: hasFlag(invocation, '--no-config') ? false : own,
  }
}

/** How much `-v` asks to be told: 0 to 2. */
export function verbosityOf({ flags }: Invocation): number {
  return Math.min(2, flags.filter(({ letter }) => letter === '-v').length)
}

function checkFlags({ command, flags }: Invocation): void {
  if (flags.filter(({ letter }) => letter === '-J').length > 1) {
    throw new MisuseError('-J was given twice', { command, hint: 'separate the hosts of one -J with commas' })
  }
  const isCommand = ({ letter, value }: Flag): boolean =>
    letter === '-o' && keywordOf(value) === 'proxycommand'
  if (flags.some(({ letter }) => letter === '-J') && flags.some(isCommand)) {
    throw new MisuseError('two kinds of gateway for one host: -J and -o ProxyCommand', {
      command,
      hint: 'give only one of them',
    })
  }
}

/** What is passed on in the words of ssh_config(5), in the order of the command line. */
function directivesOf({ command, flags }: Invocation): readonly string[] {
  const keyFiles = areDirectives(flags) ? flags.filter(({ letter }) => letter === '-i') : []
  // As with ssh, -g counts wherever it stands.
  const ordered = [...flags.filter(isShare), ...flags.filter((flag) => !isShare(flag))]
  return ordered.flatMap((flag) => {
    if (keyFiles.includes(flag)) return [identityDirective(flag.value)]
    const forward = findForwardDirective(flag)
    if (forward !== undefined) return [forward]
    if (flag.letter !== '-o') return []
    if (keywordOf(flag.value) !== undefined) return [flag.value]
    throw new MisuseError(`-o needs Keyword=value, and was given ${JSON.stringify(flag.value)}`, {
      command,
      hint: 'for example -o StrictHostKeyChecking=yes',
    })
  })
}

function isShare({ letter }: Flag): boolean {
  return letter === '-g'
}

/** Whether key files are named by -o, too: then those of -i go with them, so that all keep their order. */
function areDirectives(flags: readonly Flag[]): boolean {
  return flags.some(({ letter, value }) => letter === '-o' && keywordOf(value) === 'identityfile')
}

/** A key file in the words of ssh_config(5). */
export function identityDirective(file: string): string {
  return `IdentityFile="${file.replace(/["\\]/g, '\\$&')}"`
}

/** The flags that are options: as with ssh, -l and -p count unless an -o before them has said the same. */
function optionFlags({ flags }: Invocation): readonly Flag[] {
  const withoutKeys = areDirectives(flags)
  return flags.filter(({ letter }, index) => {
    if (letter === '-i') return !withoutKeys
    const keyword = letter === '-l' ? 'user' : letter === '-p' || letter === '-P' ? 'port' : undefined
    if (keyword === undefined) return true
    return !flags.slice(0, index).some((flag) => flag.letter === '-o' && keywordOf(flag.value) === keyword)
  })
}

interface TerminalFlag {
  readonly letter: string
  readonly requestTty: 'no' | 'yes' | 'force'
}

/** As with ssh: the last of -t and -T counts, and a second -t asks for a terminal even where there is none here. */
function findTerminalFlag({ flags }: Invocation): TerminalFlag | undefined {
  const letters = flags.map(({ letter }) => letter).filter((letter) => letter === '-t' || letter === '-T')
  const letter = letters.at(-1)
  if (letter === undefined) return undefined
  if (letter === '-T') return { letter, requestTty: 'no' }
  return { letter, requestTty: letters.length - 1 - letters.lastIndexOf('-T') > 1 ? 'force' : 'yes' }
}

function optionOf({ letter, value }: Flag): SettingOptions & Pick<ConnectionOptions, 'proxyJump'> {
  switch (letter) {
    case '-J':
      return { proxyJump: value }
    case '-l':
      return { user: value }
    case '-p':
    case '-P':
      return { port: /^\d+$/.test(value) ? Number(value) : Number.NaN }
    case '-i':
      return { identityFile: [value] }
    case '-A':
      return { forwardAgent: true }
    case '-C':
      return { compression: true }
    case '-4':
      return { addressFamily: 'inet' }
    case '-6':
      return { addressFamily: 'inet6' }
    default:
      return {}
  }
}

/** The keyword of `Key=Value` or `Key Value`, in lower case; `undefined` for text without one, or without a value. */
function keywordOf(text: string): string | undefined {
  return /^\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)\S/.exec(text)?.[1]?.toLowerCase()
}

// With a person at hand, every hop may ask; without one, unknown host keys are refused.
function terminalDefaults(): SettingOptions {
  if (!hasTerminal()) return {}
  return { ask: askTerminal, strictHostKeyChecking: process.stderr.isTTY ? 'ask' : undefined }
}
