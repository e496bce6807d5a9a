// Patterns (ssh_config(5) PATTERNS): `*`, `?`, lists, negation with `!`. They are the same in Host, in Match and in
// known_hosts; the callers differ in whether letters are lowered. No regular expression is made from them.

import { asciiLowerCase } from './ascii-lower-case.js'

/** `vetoed`: a negated pattern matches, and then nothing else counts. */
export type ListMatch = 'yes' | 'no' | 'vetoed'

/** A comma list with a longer pattern matches nothing, as in OpenSSH. */
const longestPattern = 1022

/** What the parts of a pattern mean: any number of characters, or one of some. */
export interface PartMeaning<P> {
  readonly isStar: (part: P) => boolean
  readonly takes: (part: P, char: string) => boolean
}

const characters: PartMeaning<string> = {
  isStar: (part) => part === '*',
  takes: (part, char) => part === '?' || part === char,
}

/**
 * Whether the pattern matches the whole text: `*` is any number of characters, `?` exactly one; letters are compared
 * as they are. Takes at most text times pattern steps, whatever the pattern.
 */
export function matchesPattern(text: string, pattern: string): boolean {
  return matchesParts(text, pattern, characters)
}

/** As {@link matchesPattern}, for patterns of any kind of parts. */
export function matchesParts<P>(
  text: ArrayLike<string>,
  pattern: ArrayLike<P>,
  { isStar, takes }: PartMeaning<P>,
): boolean {
  let at = 0
  let inPattern = 0
  let afterStar = -1
  let starAt = 0
  while (at < text.length) {
    const wanted = pattern[inPattern]
    if (wanted !== undefined && isStar(wanted)) {
      inPattern += 1
      afterStar = inPattern
      starAt = at
    } else if (wanted !== undefined && takes(wanted, text[at] ?? '')) {
      inPattern += 1
      at += 1
    } else if (afterStar >= 0) {
      // Let the last star take one character more; stars before it never need to be tried again.
      starAt += 1
      at = starAt
      inPattern = afterStar
    } else {
      return false
    }
  }
  for (; inPattern < pattern.length; inPattern++) {
    const left = pattern[inPattern]
    if (left !== undefined && !isStar(left)) return false
  }
  return true
}

/** Matches a list of patterns, each of which may be negated: letters are compared as they are, as `Host` does it. */
export function matchList(text: string, patterns: readonly string[]): ListMatch {
  let found: ListMatch = 'no'
  for (const item of patterns) {
    const negated = item.startsWith('!')
    if (!matchesPattern(text, negated ? item.slice(1) : item)) continue
    if (negated) return 'vetoed'
    found = 'yes'
  }
  return found
}

/** Whether a list with commas matches, letters as they are: `Match user`, `localuser`, `tagged`, `command`, `version`. */
export function matchesCommaList(text: string, list: string): boolean {
  return matchList(text, splitList(list)) === 'yes'
}

/** The patterns of a list with commas, to be matched more than once; none of a list that matches nothing. */
export function splitList(list: string): readonly string[] {
  const items = list.split(',')
  // Nothing stands after a last comma; before a first one stands the empty pattern.
  if (items.at(-1) === '') items.pop()
  return items.some((item) => item.replace(/^!/, '').length > longestPattern) ? [] : items
}

/** Whether a list with commas matches a host, whatever the case of either: `Match host`, `originalhost`, known_hosts. */
export function matchesHostList(host: string, list: string): boolean {
  return matchesCommaList(asciiLowerCase(host), asciiLowerCase(list))
}
