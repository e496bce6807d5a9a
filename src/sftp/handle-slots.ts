// How many files and directories are open at once: whoever wants one more than the server has waits for one to be closed.

import { deferred } from '../deferred.js'
import { interruptible } from '../interruptible.js'

export class HandleSlots {
  #count = Number.POSITIVE_INFINITY
  #taken = 0
  readonly #queue = new Set<() => void>()
  #reason: { readonly error: unknown } | undefined

  /** Learns how many there are. Those that are taken already stay. */
  limit(count: number): void {
    this.#count = count
  }

  /** Resolves to what gives the slot back, once; rejects with the signal's reason, or with that of the end. */
  async take(signal?: AbortSignal): Promise<() => void> {
    if (this.#reason !== undefined) throw this.#reason.error
    signal?.throwIfAborted()
    if (this.#taken < this.#count) this.#taken += 1
    else await this.#wait(signal)
    let isTaken = true
    return () => {
      if (isTaken) this.#give()
      isTaken = false
    }
  }

  /** Nobody gets one any more. */
  end(reason: unknown): void {
    this.#reason ??= { error: reason }
    for (const next of this.#queue) next()
    this.#queue.clear()
  }

  // The slot goes to whoever waits first, unless more are taken than there turned out to be.
  #give(): void {
    const [next] = this.#queue
    if (next === undefined || this.#taken > this.#count) {
      this.#taken -= 1
      return
    }
    this.#queue.delete(next)
    next()
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = deferred<void>()
    this.#queue.add(resolve)
    try {
      await (signal === undefined ? promise : interruptible(promise, signal))
    } catch (error) {
      if (!this.#queue.delete(resolve)) this.#give()
      throw error
    }
    if (this.#reason !== undefined) throw this.#reason.error
  }
}
