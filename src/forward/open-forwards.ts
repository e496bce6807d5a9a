// The forwards of one connection that are open, so that they end with it.

import { SallyportError } from '../errors.js'
import type { Forward } from './forward.js'

export class OpenForwards {
  readonly #open = new Set<Forward>()
  #closing = new AbortController()

  /**
   * Keeps what `open` opens. When the connection is closed meanwhile, the signal that `open` is given is aborted, what is
   * open all the same is closed at once, and CLOSED is thrown.
   */
  async add<F extends Forward | readonly Forward[]>(open: (closing: AbortSignal) => Promise<F>): Promise<F> {
    const { signal } = this.#closing
    const opened = await open(signal).catch((error: unknown) => {
      throw signal.aborted ? closed() : error
    })
    const forwards: readonly Forward[] = Array.isArray(opened) ? opened : [opened]
    if (signal.aborted) {
      await Promise.all(forwards.map((forward) => forward.close()))
      throw closed()
    }
    for (const forward of forwards) {
      this.#open.add(forward)
      void forward.closed.then(() => this.#open.delete(forward))
    }
    return opened
  }

  /** Closes all. Never rejects. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#closing = new AbortController()
    await Promise.all([...this.#open].map((forward) => forward.close()))
  }
}

function closed(): SallyportError {
  return new SallyportError('CLOSED', 'the connection was closed', { phase: 'listen' })
}
