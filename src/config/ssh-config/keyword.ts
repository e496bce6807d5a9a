// What the table of keywords knows about each: how its words are read, how values join, and what it does here.

import type { Env } from '../home-path.js'
import type { Obtained } from './obtained.js'

/** What stands after a keyword. */
export interface Arguments {
  /** The words, split and unquoted as ssh does it; a comment at the end is gone. */
  readonly words: readonly string[]
  /** The rest of the line as it is, for keywords that take a whole command. */
  readonly rest: string
}

/**
 * `honoured`: it does here what it does in ssh. `no effect`: it concerns what this library does not do; the route lists
 * it. `refused`: to ignore it would be less safe than ssh; whoever uses it decides between an error and a warning.
 */
export type Group = 'honoured' | 'no effect' | 'refused'

/** One keyword of ssh_config(5). */
export interface Keyword {
  /** Other spellings, in lower case. */
  readonly aliases?: readonly string[]
  /**
   * Reads the words in every block, applied or not. Throws {@link Unacceptable}. Returns canonical words. Forwards and
   * sockets of agents name variables that ssh looks up here already, in `env`.
   */
  readonly read: (args: Arguments, env: Env) => readonly string[]
  /** How a further value joins what was obtained. Default: the first wins. Returns `obtained` when nothing changes. */
  readonly join?: (obtained: readonly Obtained[], next: Obtained) => readonly Obtained[]
  /** ssh lets it count in blocks that do not apply, too. */
  readonly everywhere?: true
  readonly group: Group
  /** What it does here, or why not, in a sentence for docs/settings.md. */
  readonly doc: string
}

/** The words after a keyword are not acceptable; the message says why, without naming file and line. */
export class Unacceptable extends Error {
  override readonly name = 'Unacceptable'
}
