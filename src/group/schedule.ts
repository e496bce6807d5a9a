// Whose turn it is: begins the members in waves, so many at once, and begins no more when that was asked for or when too
// many have failed. Where the process has no descriptors left for so many it goes on with fewer.

import { type Deferred, deferred } from '../deferred.js'
import type { Skipped } from './outcome.js'
import { type FullPace, waveSizes } from './pace.js'

/** How a turn ended. `postponed`: there was no descriptor left to begin with, and the turn has to be taken again. */
export type TurnEnd = 'succeeded' | 'failed' | 'postponed'

/** What is done with the members, each of which is a number from 0. */
export interface Turns {
  /** Never rejects. May end as `postponed` only when `mayWait` is true. */
  readonly take: (member: number, options: { readonly mayWait: boolean }) => Promise<TurnEnd>
  readonly skip: (member: number, reason: Skipped['reason']) => void
}

export class Schedule {
  readonly #turns: Turns
  readonly #sizes: readonly number[]
  readonly #mostFailures: number
  /** How many may be at work at once. */
  #limit: number
  #working = 0
  #failures = 0
  #stopped: Skipped['reason'] | undefined
  #change: Deferred<void> = deferred()

  constructor(count: number, pace: FullPace, turns: Turns) {
    this.#turns = turns
    this.#sizes = waveSizes(count, pace.waves)
    this.#mostFailures = pace.stopAfterFailures
    this.#limit = pace.parallel
  }

  /** Begins with no further member. */
  stop(): void {
    this.#stopped ??= 'stopped'
    this.#changed()
  }

  /** Resolves when each member has had its turn, or was skipped, and all have ended. */
  async run(): Promise<void> {
    let first = 0
    for (const size of this.#sizes) {
      await this.#runWave(Array.from({ length: size }, (_, index) => first + index))
      first += size
    }
  }

  async #runWave(waiting: number[]): Promise<void> {
    for (;;) {
      if (this.#stopped !== undefined) {
        for (const member of waiting.splice(0)) this.#turns.skip(member, this.#stopped)
      }
      while (this.#working < this.#limit) {
        const member = waiting.shift()
        if (member === undefined) break
        void this.#begin(member, waiting)
      }
      if (this.#working === 0 && waiting.length === 0) return
      await this.#change.promise
    }
  }

  async #begin(member: number, waiting: number[]): Promise<void> {
    this.#working += 1
    const end = await this.#turns.take(member, { mayWait: this.#limit > 1 })
    this.#working -= 1
    if (end === 'postponed') {
      waiting.push(member)
      // Some less than there is room for: the work itself needs descriptors, too.
      this.#limit = Math.max(1, Math.min(this.#limit, Math.floor(this.#working * 0.9)))
    }
    if (end === 'failed') this.#failures += 1
    if (this.#failures >= this.#mostFailures) this.#stopped ??= 'too many failures'
    this.#changed()
  }

  #changed(): void {
    const change = this.#change
    this.#change = deferred()
    change.resolve()
  }
}
