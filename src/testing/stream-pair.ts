// Two ends of a connection inside the process: what a socket pair is between processes. No descriptor, no port.

import { Duplex } from 'node:stream'

/**
 * Two connected streams with back-pressure and half-closes. Destroying one end ends the other, which closes once its
 * reader has taken what was sent before.
 */
export function streamPair(): [Duplex, Duplex] {
  const left = new PairEnd()
  const right = new PairEnd()
  left.peer = right
  right.peer = left
  return [left, right]
}

class PairEnd extends Duplex {
  peer: PairEnd | undefined
  #release: (() => void) | undefined
  #ended = false

  constructor() {
    super()
    this.on('error', () => {})
  }

  override _read(): void {
    const release = this.#release
    this.#release = undefined
    release?.()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // Later, as from a socket: nobody expects an answer while still writing the question.
    setImmediate(() => this.peer?.deliver(chunk, done))
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done)
  }

  override _final(done: () => void): void {
    this.peer?.finish()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const release = this.#release
    this.#release = undefined
    release?.()
    this.peer?.leave()
    done(error)
  }

  private deliver(chunk: Buffer, done: (error?: Error | null) => void): void {
    if (this.destroyed || this.#ended) done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    else if (this.push(chunk)) done()
    else this.#release = done
  }

  private finish(): void {
    if (this.#ended || this.destroyed) return
    this.#ended = true
    this.push(null)
  }

  /** The other end was destroyed. */
  private leave(): void {
    if (this.destroyed) return
    this.finish()
    if (this.readableEnded) this.destroy()
    else this.once('end', () => this.destroy())
  }
}
