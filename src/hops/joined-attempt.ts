// One attempt that many callers wait for. It ends early when the last of them has gone, and its signal is aborted
// whenever it has failed.

import type { SallyportError } from '../errors.js'

/** What became of an attempt. */
export type Outcome<T> = { readonly value: T } | { readonly error: SallyportError }

export class JoinedAttempt<T> {
  readonly #controller = new AbortController()
  readonly #done: Promise<Outcome<T>>
  #joiners = 0

  /** Starts `work` at once. `settled` is called once, before anyone who joined is told. */
  constructor(work: (signal: AbortSignal) => Promise<T>, settled: (outcome: Outcome<T>) => void) {
    this.#done = work(this.#controller.signal).then(
      (value) => settle({ value }),
      (error: SallyportError) => settle({ error }),
    )
    function settle(outcome: Outcome<T>): Outcome<T> {
      settled(outcome)
      return outcome
    }
  }

  /** Whether it is being ended: too late to join. */
  get isLeaving(): boolean {
    return this.#controller.signal.aborted
  }

  /** Waits for the attempt. Rejects with its error, or with what `left`, the caller's own departure, resolves to. */
  async join(left: Promise<SallyportError>): Promise<T> {
    this.#joiners += 1
    try {
      const outcome = await Promise.race([this.#done, left.then((error) => ({ error }))])
      if ('value' in outcome) return outcome.value
      // Also after the attempt's own failure: what it has left behind, such as a question to a person, is ended by this.
      if (this.#joiners === 1) this.#controller.abort(outcome.error)
      throw outcome.error
    } finally {
      this.#joiners -= 1
    }
  }

  /** Ends the attempt with `reason`. Resolves when nothing of it is left. */
  async abort(reason: SallyportError): Promise<void> {
    this.#controller.abort(reason)
    await this.#done
  }

  /** Resolves when it has settled, however. */
  async settled(): Promise<void> {
    await this.#done
  }
}
