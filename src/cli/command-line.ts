// argv -> which command, which flags, which host, and the words after it. Knows ssh's letters, not what they mean.
// Loads nothing of the library, so that help and misuse are quick.

import { parseArgs } from 'node:util'
import { MisuseError } from './misuse.js'

export type CommandName = 'run' | 'shell' | 'demo'

/** One flag as it was written, in the order of the command line. */
export interface Flag {
  /** With its dash: `-J`. */
  readonly letter: string
  /** The value, for the flags that have one; else empty. */
  readonly value: string
}

export type CommandLine =
  | { readonly ask: 'help'; readonly command: CommandName | undefined }
  | { readonly ask: 'version' }
  | Invocation

/** A command that is to be run. */
export interface Invocation {
  readonly ask: 'command'
  readonly command: CommandName
  readonly flags: readonly Flag[]
  /** As it was written; empty for a command without a host. */
  readonly host: string
  /** The words after the host. */
  readonly words: readonly string[]
}

interface Grammar {
  /** Letters of the flags without a value, and of those with one. */
  readonly switches: string
  readonly valued: string
  /** What stands after the flags. */
  readonly takes: 'host and command' | 'host' | 'nothing'
}

const grammars: Readonly<Record<CommandName, Grammar>> = {
  run: { switches: '46AnTtv', valued: 'FJilop', takes: 'host and command' },
  shell: { switches: '46Av', valued: 'FJilop', takes: 'host' },
  demo: { switches: '', valued: '', takes: 'nothing' },
}

/** Reads the arguments after the program's name. Throws {@link MisuseError}. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const [first, ...rest] = args
  if (first === undefined) throw new MisuseError('no command given')
  if (first === '--help' || first === '-h') return { ask: 'help', command: undefined }
  if (first === '--version' || first === '-V') return { ask: 'version' }
  if (!isCommand(first)) throw new MisuseError(`there is no command ${JSON.stringify(first)}`)
  return readArguments(first, rest)
}

function isCommand(word: string): word is CommandName {
  return Object.hasOwn(grammars, word)
}

function readArguments(command: CommandName, args: readonly string[]): CommandLine {
  const { takes } = grammars[command]
  const before = readFlags(command, args)
  const [host, ...rest] = before.rest
  // As with ssh, flags may stand after the host, too, up to the first word of the command.
  const after = host === undefined || before.ended ? { flags: [], rest } : readFlags(command, rest)
  const flags = [...before.flags, ...after.flags]
  if (flags.some(({ letter }) => letter === '--help')) return { ask: 'help', command }
  if (flags.some(({ letter }) => letter === '--version')) return { ask: 'version' }

  const words = after.rest
  if (takes === 'nothing' && host !== undefined) throw new MisuseError('takes no arguments', { command })
  if (takes !== 'nothing' && host === undefined) throw new MisuseError('no host given', { command })
  if (takes === 'host' && words.length > 0) {
    const hint = 'to run a command on a terminal, write sallyport run -t host -- command'
    throw new MisuseError('a shell takes no command', { command, hint })
  }
  if (takes === 'host and command' && words.length === 0) {
    const hint = 'write sallyport run host -- command; for a shell, sallyport shell host'
    throw new MisuseError('no command given', { command, hint })
  }
  return { ask: 'command', command, flags, host: host ?? '', words }
}

interface ReadFlags {
  readonly flags: readonly Flag[]
  /** What follows, from the first word that is no flag. */
  readonly rest: readonly string[]
  /** Whether `--` ended the flags. */
  readonly ended: boolean
}

/** Flags up to the first word, in the manner of getopt(3): `-p 22`, `-p22`, `-vT`. */
function readFlags(command: CommandName, args: readonly string[]): ReadFlags {
  const { switches, valued } = grammars[command]
  const types = new Map([
    ...[...switches].map((letter) => [letter, 'boolean'] as const),
    ...[...valued].map((letter) => [letter, 'string'] as const),
  ])
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries([...types].map(([letter, type]) => [letter, { type, short: letter }])),
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'V' },
    },
    strict: false,
    tokens: true,
  })
  const flags: Flag[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') return { flags, rest: args.slice(token.index), ended: false }
    if (token.kind === 'option-terminator') return { flags, rest: args.slice(token.index + 1), ended: true }
    const { name, rawName, value, inlineValue } = token
    if (name === 'help' || name === 'version') {
      flags.push({ letter: `--${name}`, value: '' })
      continue
    }
    const type = rawName === `-${name}` ? types.get(name) : undefined
    if (type === undefined) throw new MisuseError(`there is no option ${rawName}`, { command })
    if (type === 'string' && value === undefined)
      throw new MisuseError(`${rawName} needs a value`, { command })
    if (type === 'boolean' && inlineValue === true)
      throw new MisuseError(`${rawName} takes no value`, { command })
    flags.push({ letter: rawName, value: value ?? '' })
  }
  return { flags, rest: [], ended: true }
}
