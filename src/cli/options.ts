// Flags -> the options of the connection, with ssh's rules: of several values for one option the first wins, key files
// gather, and -l and -p win over the user and port in the host. All of them are for the host, none for the gateways.

import {
  type ConnectionOptions,
  formatDestination,
  parseDestination,
  parseOption,
  type SettingOptions,
  type SshOption,
} from '../index.js'
import { askTerminal, hasTerminal } from './ask-terminal.js'
import type { Flag, Invocation } from './command-line.js'
import { MisuseError } from './misuse.js'

/** A host as the command line means it, and what it says about that host. */
export interface HostRequest {
  readonly destination: string
  readonly options: ConnectionOptions
}

/** Reads the flags. Throws `MisuseError`, or the library's `ConfigError`. */
export function readRequest({ command, flags, host }: Invocation): HostRequest {
  if (flags.filter(({ letter }) => letter === '-J').length > 1) {
    throw new MisuseError('-J was given twice', { command, hint: 'separate the hosts of one -J with commas' })
  }
  let options: SshOption = {}
  const origins = new Map<string, string>()
  for (const flag of flags) {
    const { option, origin } = readFlag(flag)
    const identityFile = [...(options.identityFile ?? []), ...(option.identityFile ?? [])]
    options = { ...option, ...options, ...(identityFile.length > 0 ? { identityFile } : {}) }
    for (const name of Object.keys(option)) if (!origins.has(name)) origins.set(name, origin)
  }
  const { user, port, ...rest } = parseDestination(host, 'host')
  const destination = formatDestination({
    ...rest,
    user: options.user === undefined ? user : undefined,
    port: options.port === undefined ? port : undefined,
  })
  const originOf = (name: string): string => origins.get(name) ?? `option ${name}`
  return { destination, options: { ...options, defaults: terminalDefaults(), originOf } }
}

// With a person at hand, every hop may ask; without one, unknown host keys are refused.
function terminalDefaults(): SettingOptions {
  if (!hasTerminal()) return {}
  return { ask: askTerminal, strictHostKeyChecking: process.stderr.isTTY ? 'ask' : undefined }
}

/** How much `-v` asks to be told: 0 to 2. */
export function verbosityOf({ flags }: Invocation): number {
  return Math.min(2, flags.filter(({ letter }) => letter === '-v').length)
}

function readFlag({ letter, value }: Flag): { readonly option: SshOption; readonly origin: string } {
  if (letter === '-o') {
    const { keyword, text } = splitOption(value)
    const origin = `-o ${keyword}`
    return { option: parseOption(keyword, text, { origin }), origin }
  }
  return { option: optionOf(letter, value), origin: letter }
}

function optionOf(letter: string, value: string): SshOption {
  switch (letter) {
    case '-J':
      return { proxyJump: value }
    case '-l':
      return parseOption('User', value, { origin: letter })
    case '-p':
      return parseOption('Port', value, { origin: letter })
    case '-i':
      return { identityFile: [value] }
    case '-A':
      return { forwardAgent: true }
    case '-4':
      return { addressFamily: 'inet' }
    case '-6':
      return { addressFamily: 'inet6' }
    case '-F':
      throw new MisuseError('-F is not supported: no ssh_config file is read yet', {
        hint: 'give the options of the file with -J and -o',
      })
    default:
      return {}
  }
}

/** `Key=Value` and `Key Value`, with blanks around either (readconf.c takes both). */
function splitOption(text: string): { readonly keyword: string; readonly text: string } {
  const found = /^\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(\S.*?)\s*$/s.exec(text)
  const [, keyword, value] = found ?? []
  if (keyword === undefined || value === undefined) {
    throw new MisuseError(`-o needs Keyword=value, and was given ${JSON.stringify(text)}`, {
      hint: 'for example -o StrictHostKeyChecking=yes',
    })
  }
  return { keyword, text: value }
}
