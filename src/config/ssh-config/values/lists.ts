// Values of several words that are not otherwise checked: files of known hosts, patterns of messages, times of channels.

import { printable } from '../../../printable.js'
import { type Arguments, Unacceptable } from '../keyword.js'
import { findSeconds } from './time.js'

/** Words that are not empty; `none` may only stand alone. No word at all sets nothing. */
export function wordsOrNone({ words }: Arguments): readonly string[] {
  if (words.includes('')) throw new Unacceptable('empty argument')
  if (words.length > 1 && words.some((word) => word.toLowerCase() === 'none')) {
    throw new Unacceptable('"none" must stand alone')
  }
  return words
}

/** As {@link wordsOrNone}, for at most 32 files; `none` in small letters. */
export function knownHostsFiles(args: Arguments): readonly string[] {
  const files = wordsOrNone(args)
  if (files.length > 32) throw new Unacceptable('too many files')
  return files[0]?.toLowerCase() === 'none' ? ['none'] : files
}

/** LogVerbose: ssh checks all words and keeps the first. */
export function logVerbose(args: Arguments): readonly string[] {
  return wordsOrNone(args).slice(0, 1)
}

/** ChannelTimeout: `type=time`. */
export function channelTimeout(word: string): string {
  const equals = word.indexOf('=')
  if (equals > 0 && findSeconds(word.slice(equals + 1)) !== undefined) return word
  throw new Unacceptable(`invalid channel timeout "${printable(word)}"`)
}

/** ObscureKeystrokeTiming: `yes`, `no`, or `interval:` and milliseconds, which become the value. */
export function keystrokeInterval(word: string): string {
  if (word === 'yes' || word === 'true') return 'yes'
  if (word === 'no' || word === 'false') return 'no'
  const [, digits] = /^interval:([0-9]+)$/.exec(word) ?? []
  const interval = Number(digits)
  if (!(interval >= 1 && interval <= 1000))
    throw new Unacceptable(`unsupported argument "${printable(word)}"`)
  // 20 ms is what `yes` means.
  return interval === 20 ? 'yes' : String(interval)
}
