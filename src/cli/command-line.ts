// argv -> which command, which flags, which host, and the words after it. Knows ssh's letters, not what they mean.
// Loads nothing of the library, so that help and misuse are quick.

import { parseArgs } from 'node:util'
import { type CommandName, type Grammar, grammars } from './grammars.js'
import { MisuseError } from './misuse.js'

/** One flag as it was written, in the order of the command line. */
export interface Flag {
  /** With its dashes: `-J`, `--json`. */
  readonly letter: string
  /** The value, for the flags that have one; else empty. */
  readonly value: string
}

/** What help there is on its own. */
export type HelpPage = CommandName | 'run -H'

export type CommandLine =
  | { readonly ask: 'help'; readonly command: HelpPage | undefined }
  | { readonly ask: 'version' }
  | Invocation

/** A command that is to be run. */
export interface Invocation {
  readonly ask: 'command'
  readonly command: CommandName
  readonly flags: readonly Flag[]
  /** As it was written; empty for a command without a host, and for those that take files. */
  readonly host: string
  /** The words after the host, or the files. */
  readonly words: readonly string[]
}

/** Whether a flag was given, at least once. */
export function hasFlag({ flags }: Invocation, letter: string): boolean {
  return flags.some((flag) => flag.letter === letter)
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
  if (takes === 'files') return readFiles(command, before)
  if (before.flags.some(namesMany)) return readMany(command, before)
  const [host, ...rest] = before.rest
  // As with ssh, flags may stand after the host, too, up to the first word of the command.
  const after = host === undefined || before.ended ? { flags: [], rest } : readFlags(command, rest)
  const flags = [...before.flags, ...after.flags]
  const question = findQuestion(command, flags)
  if (question !== undefined) return question
  checkForOne(command, flags)

  const words = after.rest
  if (takes === 'nothing' && host !== undefined) throw new MisuseError('takes no arguments', { command })
  if (takes !== 'nothing' && host === undefined) throw new MisuseError('no host given', { command })
  if (takes === 'host' && words.length > 0) {
    throw new MisuseError('takes a host and nothing after it', { command, hint: withoutCommand[command] })
  }
  if (takes === 'host and command' && words.length === 0) {
    const hint = 'write sallyport run host -- command; for a shell, sallyport shell host'
    throw new MisuseError('no command given', { command, hint })
  }
  if (takes === 'host and address' && !(words.length === 2 || (words.length === 1 && isPath(words[0])))) {
    const hint = 'write sallyport nc gateway host port, or sallyport nc gateway /path'
    throw new MisuseError('takes a gateway, and a host and a port or a path', { command, hint })
  }
  return { ask: 'command', command, flags, host: host ?? '', words }
}

/** Help or the version, where one of the flags asks for it. */
function findQuestion(command: CommandName, flags: readonly Flag[]): CommandLine | undefined {
  if (flags.some(({ letter }) => letter === '--help')) {
    return { ask: 'help', command: flags.some(namesMany) ? 'run -H' : command }
  }
  if (flags.some(({ letter }) => letter === '--version')) return { ask: 'version' }
  return undefined
}

function namesMany({ letter }: Flag): boolean {
  return letter === '-H'
}

const howToNameMany = 'write sallyport run -H host,host -- command'

/** With -H no host stands after the flags: all that stands there, after `--`, is the command. */
function readMany(command: CommandName, { flags, rest, ended }: ReadFlags): CommandLine {
  const question = findQuestion(command, flags)
  if (question !== undefined) return question
  if (!ended) {
    const what = '-H names the hosts: the command stands after --, and no host before it'
    throw new MisuseError(what, { command, hint: howToNameMany })
  }
  if (rest.length === 0) throw new MisuseError('no command given', { command, hint: howToNameMany })
  return { ask: 'command', command, flags, host: '', words: rest }
}

/** Refuses what is for many hosts where one is named. */
function checkForOne(command: CommandName, flags: readonly Flag[]): void {
  const { withMany = {} } = grammars[command]
  for (const { letter } of flags) {
    if (letter === '-H' || Object.hasOwn(withMany, letter.replace(/^--/, ''))) {
      const what =
        letter === '-H'
          ? '-H stands before the command, and takes the place of the host'
          : `${letter} goes with -H`
      throw new MisuseError(what, { command, hint: howToNameMany })
    }
  }
}

/** As with scp, flags stand before the files only: the name of a file can be no flag by its place. */
function readFiles(command: CommandName, { flags, rest, ended }: ReadFlags): CommandLine {
  const question = findQuestion(command, flags)
  if (question !== undefined) return question
  const late = ended ? undefined : rest.find((word) => word.startsWith('-') && word !== '-')
  if (late !== undefined) {
    const hint = 'options stand before the files; a file with such a name is written ./-name'
    throw new MisuseError(`an option after the files: ${JSON.stringify(late)}`, { command, hint })
  }
  return { ask: 'command', command, flags, host: '', words: rest }
}

function isPath(word = ''): boolean {
  return word.startsWith('/')
}

const withoutCommand: { readonly [C in CommandName]?: string } = {
  shell: 'to run a command on a terminal, write sallyport run -t host -- command',
  forward: 'to run a command meanwhile, write sallyport run -L … host -- command',
}

interface ReadFlags {
  readonly flags: readonly Flag[]
  /** What follows, from the first word that is no flag. */
  readonly rest: readonly string[]
  /** Whether `--` ended the flags. */
  readonly ended: boolean
}

/** Flags up to the first word, in the manner of getopt_long(3): `-p 22`, `-p22`, `-vT`, `--config file`, `--config=file`. */
function readFlags(command: CommandName, args: readonly string[]): ReadFlags {
  const types = flagTypes(grammars[command])
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries([...types].map(([name, type]) => [name, { type, ...shortOf(name) }])),
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
    const type = rawName === asWritten(name) ? types.get(name) : undefined
    if (type === undefined) throw new MisuseError(`there is no option ${rawName}`, { command })
    if (type === 'string' && value === undefined)
      throw new MisuseError(`${rawName} needs a value`, { command })
    if (type === 'boolean' && inlineValue === true)
      throw new MisuseError(`${rawName} takes no value`, { command })
    flags.push({ letter: rawName, value: value ?? '' })
  }
  return { flags, rest: [], ended: true }
}

function flagTypes({ switches, valued, long, withMany }: Grammar): ReadonlyMap<string, 'boolean' | 'string'> {
  return new Map([
    ...[...switches].map((letter) => [letter, 'boolean'] as const),
    ...[...valued].map((letter) => [letter, 'string'] as const),
    ...Object.entries({ ...long, ...withMany }).map(
      ([name, takes]) => [name, takes === 'value' ? 'string' : 'boolean'] as const,
    ),
  ])
}

function shortOf(name: string): { readonly short?: string } {
  return name.length === 1 ? { short: name } : {}
}

function asWritten(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`
}
