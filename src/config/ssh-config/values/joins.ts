// How values gather, where the first does not simply win.

import { matchesPattern } from '../../pattern.js'
import type { Obtained } from '../obtained.js'

/** Each new value is added; one that is there already is not. */
export function gatherOnce(obtained: readonly Obtained[], next: Obtained): readonly Obtained[] {
  const text = JSON.stringify(next.words)
  return obtained.some(({ words }) => JSON.stringify(words) === text) ? obtained : [...obtained, next]
}

/** SendEnv: each name is added; `-PATTERN` takes away what matches and was there before it. */
export function gatherNames(obtained: readonly Obtained[], next: Obtained): readonly Obtained[] {
  let gathered = obtained
  for (const word of next.words) {
    gathered = word.startsWith('-')
      ? without(gathered, word.slice(1))
      : [...gathered, { ...next, words: [word] }]
  }
  return gathered
}

function without(obtained: readonly Obtained[], pattern: string): readonly Obtained[] {
  const left = obtained.filter(({ words }) => !words.some((name) => matchesPattern(name, pattern)))
  return left.length === obtained.length ? obtained : left
}

/** The last value wins. */
export function lastWins(_obtained: readonly Obtained[], next: Obtained): readonly Obtained[] {
  return [next]
}
