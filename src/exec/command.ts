// What a command is, and its text for a POSIX shell on the other side: text as it is, lists and values quoted.
// What goes around the text (directory, environment) is surroundings.ts. No claim is made for fish, csh or cmd.

import { ConfigError } from '../errors.js'
import { findUnsafePlace } from './unsafe-place.js'

/**
 * A command for the shell of the remote user: text, which the shell gets as it is; a list of words, each quoted, so
 * that it is one program with exactly these arguments; or {@link sh}, text with quoted values.
 */
export type Command = string | readonly string[] | ShellText

/** What {@link sh} accepts between `${` and `}`. An array becomes several words, an empty one none. */
export type ShellValue = ShellWord | readonly ShellWord[]

type ShellWord = string | number | ShellText

/** Shell text in which all values are quoted. Only {@link sh} makes it: an object from elsewhere is never taken for it. */
export class ShellText {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

/**
 * Shell text with quoted values: ``sh`grep -c ${pattern} ${files} | sort` ``. Backslashes reach the shell as they are
 * written; only `` \` `` and `\${` stand for what they escape. A nested fragment is inserted as it is.
 * Throws where a quoted value would not be safe: inside quotes, backquotes, comments and here-documents.
 */
export function sh(text: TemplateStringsArray, ...values: readonly ShellValue[]): ShellText {
  let whole = ''
  for (const [index, part] of text.raw.entries()) {
    whole += part.replace(/\\(`|\$\{)/g, '$1')
    const value = values[index]
    if (index === text.raw.length - 1) break
    const place = findUnsafePlace(whole)
    if (place !== undefined) {
      throw invalid(`value ${index + 1} stands inside ${place}, where quoting cannot protect it`)
    }
    whole += Array.isArray(value) ? value.map(formatWord).join(' ') : formatWord(value)
  }
  return new ShellText(whole)
}

/** The text of a command. Throws ConfigError for empty commands and NUL, TypeError for what is no command. */
export function formatCommand(command: Command): string {
  const text = Array.isArray(command) ? formatList(command) : formatText(command)
  if (text.trim() === '') throw invalid('is empty')
  return checkText(text)
}

/** One word for a POSIX shell, whatever it holds: `it's` becomes `'it'\''s'` (POSIX.1-2017 XCU 2.2.2). */
export function quote(word: string): string {
  return `'${checkText(word).replaceAll("'", "'\\''")}'`
}

function formatText(command: unknown): string {
  if (typeof command === 'string') return command
  if (command instanceof ShellText) return command.toString()
  throw new TypeError('command: must be a string, a list of strings, or made by sh`…`')
}

function formatList(words: readonly unknown[]): string {
  if (!words.every((word) => typeof word === 'string')) {
    throw new TypeError('command: a list must have strings only')
  }
  if (words[0] === '') throw invalid('the name of the program is empty')
  return words.map(quote).join(' ')
}

function formatWord(value: unknown): string {
  if (value instanceof ShellText) return value.toString()
  if (typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) {
    return quote(String(value))
  }
  throw new TypeError('sh: values must be strings, finite numbers, sh`…`, or arrays of these')
}

/** Refuses what no command line can carry: NUL ends it, and half a surrogate pair has no UTF-8. */
function checkText(text: string): string {
  if (text.includes('\0')) throw invalid('has a NUL character')
  if (/\p{Surrogate}/u.test(text)) throw invalid('has half a surrogate pair, which UTF-8 cannot carry')
  return text
}

function invalid(what: string): ConfigError {
  return new ConfigError('INVALID_OPTION', `command: ${what}`, { origin: 'command' })
}
