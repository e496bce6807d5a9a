// The one reason to stop a call before its end: the caller's signal, a clock, or a failure on our side.

import { AbortError, type HopRef } from '../errors.js'
import type { Acquire, AcquireOptions, Lease } from '../hops/lease.js'

/** Gathers the reasons to stop into one signal; the first wins and becomes the signal's `reason`. */
export class Stop {
  readonly #controller = new AbortController()
  readonly #caller: AbortSignal | undefined
  #clock: NodeJS.Timeout | undefined
  #hop: HopRef | undefined

  constructor(caller: AbortSignal | undefined) {
    this.#caller = caller
    if (caller?.aborted) this.#onAbort()
    else caller?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Aborted with the reason: an `AbortError` when it is the caller's. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Stops with this reason. */
  readonly now = (reason: unknown): void => this.#controller.abort(reason)

  /** Stops after so many milliseconds. */
  after(delayMs: number, makeReason: () => unknown): void {
    this.#clock = setTimeout(() => this.now(makeReason()), Math.max(0, delayMs))
  }

  /** Takes back `after`. */
  stopClock(): void {
    clearTimeout(this.#clock)
  }

  /** Leases the hop. Rejects like `acquire`, or with the reason when stopped meanwhile by anything but the caller. */
  async acquire(acquire: Acquire, options: Omit<AcquireOptions, 'signal'>): Promise<Lease> {
    const lease = await acquire({ ...options, signal: this.signal }).catch((error: unknown) => {
      const { aborted, reason } = this.signal
      // How far it had come, the hop knows best.
      throw aborted && !(reason instanceof AbortError) ? reason : error
    })
    this.#hop = lease.hop
    if (!this.signal.aborted) return lease
    lease.release()
    const reason: unknown = this.signal.reason
    throw reason instanceof AbortError ? this.#abortError(reason.cause) : reason
  }

  /** Leaves the clock and the caller's signal: nothing of the caller's stops it any more. */
  dispose(): void {
    this.stopClock()
    this.#caller?.removeEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = (): void => this.now(this.#abortError(this.#caller?.reason))

  #abortError(cause: unknown): AbortError {
    const where = this.#hop === undefined ? {} : ({ hop: this.#hop, phase: 'session' } as const)
    return new AbortError({ ...where, cause })
  }
}
