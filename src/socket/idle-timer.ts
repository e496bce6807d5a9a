// The time-out of a socket that nothing happens on, as Node's own sockets keep it: it does not keep the process alive,
// it fires once, and whatever happens afterwards winds it again.

const longestMs = 2 ** 31 - 1

export class IdleTimer {
  readonly #onIdle: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle
  }

  /** Fires when `idleMs` have passed without a {@link touch}; 0 stops it. Throws a RangeError for what is no time. */
  start(idleMs: number): void {
    if (!(idleMs >= 0)) throw new RangeError('msecs: must be milliseconds, not negative')
    this.stop()
    if (idleMs > 0) this.#timer = setTimeout(this.#onIdle, Math.min(idleMs, longestMs)).unref()
  }

  /** Something happened. */
  touch(): void {
    this.#timer?.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
