// How many words a keyword takes, and which part of the line: readers of whole lines, made of readers of words.

import type { Env } from '../../home-path.js'
import { type Keyword, Unacceptable } from '../keyword.js'

/** Reads one word into its canonical words. Throws {@link Unacceptable}. */
export type WordReader = (word: string, env: Env) => string | readonly string[]

type Reader = Keyword['read']

/** Exactly one word, which is not empty. */
export function one(read: WordReader = (word) => word): Reader {
  return (args, env) => {
    const [word = '', ...more] = args.words
    if (word === '') throw new Unacceptable('missing argument')
    const canonical = read(word, env)
    refuseMore(more)
    return typeof canonical === 'string' ? [canonical] : canonical
  }
}

/** One word and, if there is more, a second. */
export function oneOrTwo(read: (first: string, second: string | undefined) => readonly string[]): Reader {
  return ({ words: [first = '', second, ...more] }) => {
    if (first === '') throw new Unacceptable('missing argument')
    const canonical = read(first, second)
    refuseMore(more)
    return canonical
  }
}

/** At least one word, each read for itself. Some words, in any case, may only stand alone, and stay as they are. */
export function severalOr(alone: readonly string[], read: (word: string) => string): Reader {
  return ({ words }) => {
    if (words.length === 0) throw new Unacceptable('missing argument')
    const word = words.find((candidate) => alone.includes(candidate.toLowerCase()))
    if (word === undefined) return words.map(read)
    if (words.length > 1) throw new Unacceptable(`"${word}" must stand alone`)
    return [word]
  }
}

/** The rest of the line as it is, comments included; blanks and equals signs before it do not count. */
export const restOfLine: Reader = ({ rest }) => [rest.replace(/^[ \t\r\n=]+/, '')]

function refuseMore(more: readonly string[]): void {
  if (more.length > 0) throw new Unacceptable('extra arguments at the end of the line')
}
