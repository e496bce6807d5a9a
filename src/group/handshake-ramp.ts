// How many members dial one server at once: below sshd's MaxStartups (10:30:100), and fewer for a while when the server
// drops one before its version line.

import { type Deferred, deferred } from '../deferred.js'
import { interruptible } from '../interruptible.js'

/** How a handshake ended: `busy` when the server dropped it before its version line. */
export type HandshakeEnd = 'open' | 'busy' | 'failed'

/** Ends a turn; only the first call counts. */
export type EndTurn = (end: HandshakeEnd) => void

/** The budget that a server begins with, and never exceeds. */
const largest = 8

/** So many times its budget has to go well before it grows by one. */
const patience = 4

export class HandshakeRamp {
  #budget = largest
  #running = 0
  #good = 0
  #shrunkAt = Number.NEGATIVE_INFINITY
  readonly #waiting: Deferred<void>[] = []

  /** How many may run at once now. */
  get budget(): number {
    return this.#budget
  }

  /** Waits for a turn, in the order of arrival. Rejects with the signal's reason. */
  async enter(signal: AbortSignal): Promise<EndTurn> {
    signal.throwIfAborted()
    if (this.#running < this.#budget && this.#waiting.length === 0) this.#running += 1
    else await this.#wait(signal)
    const begunAt = performance.now()
    let hasEnded = false
    return (end) => {
      if (hasEnded) return
      hasEnded = true
      this.#learn(end, begunAt)
      this.#running -= 1
      this.#admit()
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const turn = deferred<void>()
    this.#waiting.push(turn)
    try {
      await interruptible(turn.promise, signal)
    } catch (error) {
      const index = this.#waiting.indexOf(turn)
      if (index >= 0) this.#waiting.splice(index, 1)
      else this.#running -= 1
      this.#admit()
      throw error
    }
  }

  #learn(end: HandshakeEnd, begunAt: number): void {
    // Those that had begun before it shrank say nothing about the smaller budget.
    if (end === 'busy' && begunAt >= this.#shrunkAt) {
      this.#budget = Math.max(1, Math.floor(this.#budget / 2))
      this.#shrunkAt = performance.now()
      this.#good = 0
    } else if (end === 'open') {
      this.#good += 1
      if (this.#good < patience * this.#budget) return
      this.#budget = Math.min(largest, this.#budget + 1)
      this.#good = 0
    }
  }

  #admit(): void {
    while (this.#running < this.#budget) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#running += 1
      next.resolve()
    }
  }
}
