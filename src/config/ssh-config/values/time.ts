// Times and sizes of ssh_config(5) TIME FORMATS and RekeyLimit.

import { printable } from '../../../printable.js'
import { Unacceptable } from '../keyword.js'
import type { Obtained } from '../obtained.js'
import { largestInteger } from './number.js'

const secondsOf: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
  ['w', 604_800],
])

/** Seconds of a time like `90`, `1m30s`, `2W`; undefined for what is none, or is too long. */
export function findSeconds(word: string): number | undefined {
  if (word === '' || !/^(?:[0-9]+[smhdw])*[0-9]*$/i.test(word)) return undefined
  let total = 0
  for (const [, digits, unit = ''] of word.matchAll(/([0-9]+)([smhdw]?)/gi)) {
    total += Number(digits) * (secondsOf.get(unit.toLowerCase()) ?? 1)
    if (total > largestInteger) return undefined
  }
  return total
}

/** A time, as seconds. */
export function seconds(word: string): string {
  const value = findSeconds(word)
  if (value === undefined) throw new Unacceptable(`invalid time value "${printable(word)}"`)
  return String(value)
}

/** A time, as seconds, or `none`. */
export function secondsOrNone(word: string): string {
  return word === 'none' ? 'none' : seconds(word)
}

/** The first time wins; `none` sets nothing, and so leaves it to a later value. */
export function firstTime(obtained: readonly Obtained[], next: Obtained): readonly Obtained[] {
  return obtained.length > 0 || next.words[0] === 'none' ? obtained : [next]
}

/** As {@link firstTime}, but `none` is told where it is all that is said: there is to be no limit. */
export function firstLimit(obtained: readonly Obtained[], next: Obtained): readonly Obtained[] {
  const [known] = obtained
  return known === undefined || (known.words[0] === 'none' && next.words[0] !== 'none') ? [next] : obtained
}

/** ControlPersist: `no`, `yes`, or the seconds. A time of 0 has no end. */
export function controlPersist(word: string): string {
  if (word === 'no' || word === 'false') return 'no'
  if (word === 'yes' || word === 'true') return 'yes'
  const value = seconds(word)
  return value === '0' ? 'yes' : value
}
