// The terminal as cli-progress sees it: what it draws can be taken away for a while, and put back below what was written.

import { Writable } from 'node:stream'
import type { WriteStream } from 'node:tty'

export class ProgressScreen extends Writable {
  readonly isTTY = true
  readonly #terminal: WriteStream
  #isHidden = false

  constructor(terminal: WriteStream) {
    super({ decodeStrings: false })
    this.on('error', () => {})
    this.#terminal = terminal
  }

  get columns(): number {
    return this.#terminal.columns || 80
  }

  override _write(text: string, _encoding: BufferEncoding, callback: () => void): void {
    if (!this.#isHidden) this.#terminal.write(text)
    callback()
  }

  /** Takes so many lines away, of which the last has the cursor; they have room again when the returned function is called. */
  hide(lines: number): () => void {
    const above = Math.max(0, lines - 1)
    this.write(`\r${above > 0 ? `\u001b[${above}A` : ''}\u001b[J`)
    this.#isHidden = true
    return () => {
      this.#isHidden = false
      this.write('\n'.repeat(above))
    }
  }
}
