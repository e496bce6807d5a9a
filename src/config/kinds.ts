// The kinds of values that settings have: how each is checked when it comes as a value, and read when it comes as text.

import { ConfigError } from '../errors.js'
import { printable } from '../printable.js'
import { asciiLowerCase } from './ascii-lower-case.js'
import { findSeconds } from './ssh-config/values/time.js'

/** How values of one kind are checked and read. Both throw {@link ConfigError} with the origin that they are given. */
export interface Kind<T> {
  /** Checks a value that a program gave. */
  check(value: unknown, origin: string): T
  /** Reads a value from text: of a flag, a file or the environment; absent where only a program can give it. */
  readonly parse?: (text: string, origin: string) => T
  /** Reads it from the words of a line of ssh_config, split, unquoted and expanded. Default: `parse` of the only word. */
  readonly fromWords?: (words: readonly string[], origin: string) => T
}

export function invalid(origin: string, what: string): ConfigError {
  return new ConfigError('INVALID_OPTION', `${origin}: ${what}`, { origin, phase: 'resolve' })
}

function kind<T>(
  check: (value: unknown, origin: string) => T,
  parse?: (text: string, origin: string) => T,
): Kind<T> {
  return parse === undefined ? { check } : { check, parse }
}

function text(value: unknown, origin: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(origin, 'must be a string that is not empty')
  if (/[\0\r\n]/.test(value)) throw invalid(origin, 'must be one line, without NUL')
  return value
}

export const textKind: Kind<string> = kind(text, text)

export const flagKind: Kind<boolean> = kind(
  (value, origin) => {
    if (typeof value !== 'boolean') throw invalid(origin, 'must be true or false')
    return value
  },
  (word, origin) => {
    if (/^(yes|true)$/i.test(word)) return true
    if (/^(no|false)$/i.test(word)) return false
    throw invalid(origin, `must be yes or no, and is "${printable(word)}"`)
  },
)

/** A whole number from `min` to `max`. */
export function integerKind(min: number, max: number): Kind<number> {
  const check = (value: unknown, origin: string): number => {
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
      throw invalid(origin, `must be a whole number from ${min} to ${max}`)
    }
    return value as number
  }
  return kind(check, (word, origin) => check(/^\d+$/.test(word) ? Number(word) : undefined, origin))
}

/** What a timer of Node can wait: some 24 days. */
const longestMs = 2 ** 31 - 1

function milliseconds(value: unknown, origin: string): number {
  if (typeof value === 'number' && value >= 0 && value <= longestMs) return value
  throw invalid(origin, `must be milliseconds from 0 to ${longestMs}`)
}

/**
 * Milliseconds for a program; in text, seconds or ssh's time format (`30`, `1m30s`), ssh_config(5) TIME FORMATS, or
 * `none` for 0. What 0 means is the setting's to say. A time that ssh takes, and that is longer than a timer can wait, is
 * read as the longest.
 */
export const durationKind: Kind<number> = kind(milliseconds, (word, origin) => {
  if (word === 'none') return 0
  const seconds = findSeconds(word)
  if (seconds === undefined) throw invalid(origin, `is no time: "${printable(word)}"`)
  return milliseconds(Math.min(seconds * 1000, longestMs), origin)
})

/** One of a few words. `synonyms` are further words that text may have for them. */
export function choiceKind<const W extends string>(
  words: readonly W[],
  synonyms: Readonly<Record<string, W>> = {},
): Kind<W> {
  const check = (value: unknown, origin: string): W => {
    const found = words.find((word) => word === value)
    if (found === undefined) throw invalid(origin, `must be one of ${words.join(', ')}`)
    return found
  }
  const meanings = new Map<string, W>(Object.entries(synonyms))
  return kind(check, (text, origin) => {
    const word = asciiLowerCase(text)
    return check(meanings.get(word) ?? word, origin)
  })
}

/** A list of strings; in text, separated by `separator`. */
export function listKind(separator: ',' | ' '): Kind<readonly string[]> {
  return listOf(separator, (entry) => entry)
}

/** A list as of {@link listKind}, whose entries are checked, and brought into their form, by `read`. */
export function listOf<T extends string>(
  separator: ',' | ' ',
  read: (entry: string, origin: string) => T,
): Kind<readonly T[]> {
  const check = (value: unknown, origin: string): readonly T[] => {
    const list = typeof value === 'string' ? [value] : value
    if (!Array.isArray(list)) throw invalid(origin, 'must be a list of strings')
    return Object.freeze(list.map((entry) => read(text(entry, origin), origin)))
  }
  const parse = (words: string, origin: string) =>
    check(
      words.split(separator).filter((word) => word !== ''),
      origin,
    )
  // A list with commas is one word.
  return separator === ',' ? { check, parse } : { check, parse, fromWords: check }
}

/** A value that is checked by a predicate and can only be given by a program. */
export function programKind<T>(holds: (value: unknown) => boolean, what: string): Kind<T> {
  return kind((value, origin) => {
    if (!holds(value)) throw invalid(origin, `must be ${what}`)
    return value as T
  })
}
