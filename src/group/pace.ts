// How the work of a group is spread over its members: what may be asked for, checked, and how large the waves are.

import { checkNames, checkOption } from '../option-check.js'

/** How the work is spread over the members. What a call says of it beats what the group says. */
export interface Pace {
  /** How many at once; 1 for one after the other. Default 50. */
  readonly parallel?: number | undefined
  /** First so many members, and when they have ended the others in waves; within each, `parallel` still holds. */
  readonly waves?: Waves | undefined
  /** After so many failures nothing is begun any more; the rest is `skipped`. Default: no limit. */
  readonly stopAfterFailures?: number | undefined
}

/** How many members each wave has: a number, or a share of all members, rounded up and at least one. */
export interface Waves {
  readonly first: number | `${number}%`
  readonly then: number | `${number}%`
}

/** The options of a call, and its pace. */
export type PacedOptions<Options> = Options & Pace

/** The names of {@link Pace}. */
export const paceNames = { parallel: true, waves: true, stopAfterFailures: true } as const satisfies Record<
  keyof Pace,
  true
>

/** A pace with its defaults. */
export interface FullPace {
  readonly parallel: number
  readonly waves: Waves | undefined
  readonly stopAfterFailures: number
}

/** Throws a TypeError for values that no pace has. Other options may stand beside them. */
export function checkPace({ parallel, waves, stopAfterFailures }: Pace): void {
  checkOption('parallel', parallel === undefined || isPositive(parallel), 'a whole number, 1 or more')
  const holds = stopAfterFailures === undefined || isPositive(stopAfterFailures)
  checkOption('stopAfterFailures', holds, 'a whole number, 1 or more')
  if (waves === undefined) return
  checkOption('waves', typeof waves === 'object' && waves !== null, 'an object with first and then')
  checkNames(waves, { first: true, then: true })
  for (const name of ['first', 'then'] as const) {
    checkOption(`waves.${name}`, isSize(waves[name]), 'a whole number, 1 or more, or a share such as 10%')
  }
}

/** What the call says, else the group, else the defaults. */
export function fullPace(ofCall: Pace, ofGroup: Pace): FullPace {
  return {
    parallel: ofCall.parallel ?? ofGroup.parallel ?? 50,
    waves: ofCall.waves ?? ofGroup.waves,
    stopAfterFailures: ofCall.stopAfterFailures ?? ofGroup.stopAfterFailures ?? Number.POSITIVE_INFINITY,
  }
}

/** How many members each wave has, in order; together they are `count`. */
export function waveSizes(count: number, waves: Waves | undefined): readonly number[] {
  const sizes: number[] = []
  let left = count
  while (left > 0) {
    const wanted = waves === undefined ? left : sizeOf(sizes.length === 0 ? waves.first : waves.then, count)
    const size = Math.min(wanted, left)
    sizes.push(size)
    left -= size
  }
  return sizes
}

function isPositive(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1
}

function isSize(value: unknown): boolean {
  if (typeof value !== 'string') return isPositive(value)
  const percent = /^\d{1,3}(?:\.\d{1,6})?%$/.test(value) ? Number.parseFloat(value) : 0
  return percent > 0 && percent <= 100
}

function sizeOf(size: Waves['first'], count: number): number {
  if (typeof size === 'number') return size
  const share = (count * Number.parseFloat(size)) / 100
  // What is a whole number but for the last digit of floating point is that number.
  const nearest = Math.round(share)
  return Math.max(1, Math.abs(share - nearest) < 1e-9 ? nearest : Math.ceil(share))
}
