// What a command is, and its text for a POSIX shell on the other side: text as it is, lists and values quoted.
// What goes around the text (directory, environment) is surroundings.ts. No claim is made for fish, csh or cmd.

import { ConfigError } from '../errors.js'
import { ShellPlace } from './shell-place.js'

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
  readonly #pieces: readonly Piece[]

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces
  }

  /** The pieces of a fragment, to be judged anew where it is inserted. */
  static piecesOf(fragment: ShellText): readonly Piece[] {
    return fragment.#pieces
  }

  toString(): string {
    return this.#pieces.map((piece) => (typeof piece === 'string' ? piece : piece.quoted)).join('')
  }
}

/** Text of the program, or a value in quotes. */
type Piece = string | { readonly quoted: string }

/**
 * Shell text with quoted values: ``sh`grep -c ${pattern} ${files} | sort` ``. Backslashes reach the shell as they are
 * written; only `` \` `` and `\${` stand for what they escape. A nested fragment is inserted as it is.
 *
 * Throws ConfigError where quotes might not protect a value in sh, dash or bash. It cannot stand
 * - inside `'…'`, `"…"`, `$'…'`, a comment or `${…}`, nor right after `$`, `\`, `<<` or `>&`;
 * - inside arithmetic (`$((…))`, `((…))`) or brackets (`[[ … ]]`, `a[…]`, `[a-z]`), which bash may compute; `[ … ]` is
 *   fine, as is `$(…)`, also in double quotes;
 * - inside or anywhere after backquotes, `$[…]`, a here-document, and what shells read differently or only a parser
 *   could follow: `$'…\'…'`, quotes in `${…}`, in arithmetic or in the end word of a here-document, `>&` without a
 *   number, `case` in parentheses, operators in a bash array, `)#`, and a word that a backslash continues on the next
 *   line.
 *
 * It cannot know what a command does with its words: `eval`, `sh -c`, `ssh` and `trap` read theirs as shell text again,
 * `let`, and `unset`, `read` or `[ -v` with the name of a variable, make bash compute them, and `-x` may be an option.
 */
export function sh(text: TemplateStringsArray, ...values: readonly ShellValue[]): ShellText {
  const place = new ShellPlace()
  const whole: Piece[] = []
  let pending = ''
  for (const [index, part] of text.raw.entries()) {
    const isLast = index === text.raw.length - 1
    const pieces = isLast ? [] : formatValue(values[index])
    for (const piece of [part.replace(/\\(`|\$\{)/g, '$1'), ...pieces]) {
      if (typeof piece === 'string') {
        pending += piece
        continue
      }
      const danger = place.findDanger(pending)
      if (danger !== undefined) {
        throw invalid(`value ${index + 1} stands ${danger}, where quoting cannot protect it`)
      }
      place.passValue()
      whole.push(pending, piece)
      pending = ''
    }
  }
  return new ShellText([...whole, pending])
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

/** The pieces of a value; those of a list have spaces between them. */
function formatValue(value: unknown): readonly Piece[] {
  if (!Array.isArray(value)) return formatWord(value)
  return value.flatMap((word, index) => (index === 0 ? formatWord(word) : [' ', ...formatWord(word)]))
}

function formatWord(value: unknown): readonly Piece[] {
  if (value instanceof ShellText) return ShellText.piecesOf(value)
  if (typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) {
    return [{ quoted: quote(String(value)) }]
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
