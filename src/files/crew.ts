// Many pieces of work at once, and never more than so many.

import { type Deferred, deferred } from '../deferred.js'

/** Does what it is given, several pieces at a time. What fails is told once, and nothing more is begun then. */
export class Crew {
  readonly #size: number
  readonly #onFailure: (error: unknown) => void
  #busy = 0
  #hasFailed = false
  #room: Deferred<void> | undefined
  #rest: Deferred<void> | undefined

  constructor(size: number, onFailure: (error: unknown) => void) {
    this.#size = size
    this.#onFailure = onFailure
  }

  /** Resolves when the work has begun, or never will because other work failed. */
  async add(work: () => Promise<void>): Promise<void> {
    while (this.#busy >= this.#size) {
      this.#room ??= deferred()
      await this.#room.promise
    }
    if (this.#hasFailed) return
    this.#busy += 1
    void this.#do(work)
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#busy > 0) {
      this.#rest ??= deferred()
      await this.#rest.promise
    }
  }

  async #do(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const isFirst = !this.#hasFailed
      this.#hasFailed = true
      if (isFirst) this.#onFailure(error)
    } finally {
      this.#busy -= 1
      this.#room?.resolve()
      this.#room = undefined
      if (this.#busy === 0) {
        this.#rest?.resolve()
        this.#rest = undefined
      }
    }
  }
}
