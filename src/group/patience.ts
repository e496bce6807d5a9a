// How long the opening of one member may take, with all its waiting: until the caller's signal, or its time is over.

import type { CallOptions } from '../dialer.js'
import { SallyportError } from '../errors.js'

export class Patience {
  readonly #controller = new AbortController()
  readonly #caller: AbortSignal | undefined
  readonly #timer: NodeJS.Timeout | undefined
  readonly #timeoutMs: number
  readonly #late: SallyportError

  constructor({ signal, timeoutMs }: CallOptions) {
    this.#caller = signal
    this.#timeoutMs = timeoutMs ?? Number.POSITIVE_INFINITY
    this.#late = new SallyportError('TIMEOUT', `not open within ${timeoutMs} ms`)
    if (signal?.aborted) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
    if (timeoutMs !== undefined) {
      this.#timer = setTimeout(() => this.#controller.abort(this.#late), timeoutMs)
    }
  }

  /** Its reason is the caller's own, or a TIMEOUT that does not know its hop. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /**
   * Whether an error of an attempt that began then says something about who it is laid to: not where the caller left, nor
   * where most of the time had been spent before.
   */
  blames(error: unknown, begunAt: number): boolean {
    if (!this.signal.aborted) return true
    const isLate = error instanceof SallyportError && error.cause === this.#late
    return isLate && performance.now() - begunAt >= this.#timeoutMs / 2
  }

  dispose(): void {
    clearTimeout(this.#timer)
    this.#caller?.removeEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = (): void => this.#controller.abort(this.#caller?.reason)
}
