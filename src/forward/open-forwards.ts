// The forwards of one connection that are open, so that they end with it.

import { SallyportError } from '../errors.js'
import type { Forward } from './forward.js'

export class OpenForwards {
  readonly #open = new Set<Forward>()
  #closings = 0

  /** Keeps what is being opened. What is open only after the connection was closed is closed at once, and rejects. */
  async add<F extends Forward | readonly Forward[]>(opening: Promise<F>): Promise<F> {
    const closings = this.#closings
    const opened = await opening
    const forwards: readonly Forward[] = Array.isArray(opened) ? opened : [opened]
    if (closings !== this.#closings) {
      await Promise.all(forwards.map((forward) => forward.close()))
      throw new SallyportError('CLOSED', 'the connection was closed', { phase: 'listen' })
    }
    for (const forward of forwards) {
      this.#open.add(forward)
      void forward.closed.then(() => this.#open.delete(forward))
    }
    return opened
  }

  /** Closes all. Never rejects. */
  async close(): Promise<void> {
    this.#closings += 1
    await Promise.all([...this.#open].map((forward) => forward.close()))
  }
}
