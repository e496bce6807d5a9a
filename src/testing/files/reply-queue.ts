// The answers of the file server on their way out: in order, or, where a fault wants it, the last first.

import { once } from 'node:events'
import type { Writable } from 'node:stream'

/** How many answers are turned round at once, and how long the first of them waits for others. */
const mostHeld = 16
const heldMs = 5

export class ReplyQueue implements Disposable {
  readonly #stdout: Writable
  readonly #signal: AbortSignal
  #held: Buffer[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(stdout: Writable, signal: AbortSignal) {
    this.#stdout = stdout
    this.#signal = signal
  }

  /** Resolves when there is room for more; rejects when the channel has closed. */
  async send(reply: Buffer, order: 'in order' | 'reordered'): Promise<void> {
    this.#held.push(reply)
    if (order === 'in order' || this.#held.length >= mostHeld) return this.flush()
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), heldMs)
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const held = this.#held
    this.#held = []
    let isRoom = true
    for (const reply of held.reverse()) isRoom = this.#stdout.write(reply)
    if (!isRoom) await once(this.#stdout, 'drain', { signal: this.#signal })
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}
