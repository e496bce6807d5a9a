// RekeyLimit: a size, and optionally a time. Each of the two goes to the first that sets it.

import { printable } from '../../../printable.js'
import { Unacceptable } from '../keyword.js'
import type { Obtained } from '../obtained.js'
import { seconds } from './time.js'

const largest = 2n ** 63n - 1n
const scales = 'BKMGTPE'

/** The words of RekeyLimit: bytes and, where a time is given that is not `none`, seconds. 0 stands for the default. */
export function rekeyLimit(size: string, time: string | undefined): readonly string[] {
  const bytes = size === 'default' ? 0n : findBytes(size)
  if (bytes === undefined) throw new Unacceptable(`bad number "${printable(size)}"`)
  if (bytes !== 0n && bytes < 16n) throw new Unacceptable('the limit is too small')
  if (time === undefined || time === 'none') return [String(bytes)]
  return [String(bytes), seconds(time)]
}

/** The first size wins, and so does the first time: the time of a second line may join the size of the first. */
export function joinRekeyLimit(obtained: readonly Obtained[], next: Obtained): readonly Obtained[] {
  if (obtained.length === 0) return [next]
  const isWithTime = obtained.some(({ words }) => words.length > 1)
  return isWithTime || next.words.length < 2 ? obtained : [...obtained, next]
}

/** A number with a scale of `K`, `M`, `G` and so on; a fraction counts with a scale only. */
function findBytes(word: string): bigint | undefined {
  const parts = /^[ \t\n\v\f\r]*([+-]?)([0-9]*)(?:\.([0-9]*))?(?:([bkmgtpe])(?![a-z0-9]).*)?$/i.exec(word)
  if (parts === null) return undefined
  const [, sign, whole = '', fraction = '', scale] = parts
  if (whole.length > 19) return undefined
  const factor = 1024n ** BigInt(Math.max(scales.indexOf(scale?.toUpperCase() ?? 'B'), 0))
  const digits = fraction.slice(0, 18)
  const scaled =
    scale === undefined || digits === '' ? 0n : (BigInt(digits) * factor) / 10n ** BigInt(digits.length)
  const bytes = BigInt(whole) * factor + scaled
  if (bytes > largest) return undefined
  return sign === '-' ? -bytes : bytes
}
