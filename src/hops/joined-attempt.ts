// One attempt that many callers wait for. It ends early when the last of them has gone.

import { type Deferred, deferred } from '../deferred.js'
import type { CallOptions } from '../dialer.js'
import type { SallyportError } from '../errors.js'

/** What became of an attempt. */
export type Outcome<T> = { readonly value: T } | { readonly error: SallyportError }

/** Makes the error for a caller that leaves: by its own signal, or after `timeoutMs`. */
export type LeaveReason = (signal: AbortSignal | undefined, timeoutMs: number | undefined) => SallyportError

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

  /** Waits for the attempt. Rejects with its error, or with the caller's own reason to leave. */
  async join({ signal, timeoutMs }: CallOptions, reasonToLeave: LeaveReason): Promise<T> {
    const left: Deferred<Outcome<T>> = deferred()
    const onAbort = () => left.resolve({ error: reasonToLeave(signal, undefined) })
    const onTime = () => left.resolve({ error: reasonToLeave(undefined, timeoutMs) })
    const timer = timeoutMs === undefined ? undefined : setTimeout(onTime, timeoutMs)
    signal?.addEventListener('abort', onAbort)
    this.#joiners += 1
    try {
      const outcome = await Promise.race([this.#done, left.promise])
      if ('value' in outcome) return outcome.value
      if (this.#joiners === 1) this.#controller.abort(outcome.error)
      throw outcome.error
    } finally {
      this.#joiners -= 1
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
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
