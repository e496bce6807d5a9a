// The writing side of a socket: what is written goes to the stream below piece by piece, and waits until there is one.

import type { Duplex } from 'node:stream'
import { closedError, SocketError } from './socket-error.js'
import { type WrittenChunk, writePieces } from './write-pieces.js'

/** What TCP takes into its buffers though the other side has gone. */
const kernelBytes = 65_536

export type Callback = (error?: Error | null) => void

/** It is given one write at a time, or the end, as node:stream does. */
export class ChannelWriter {
  readonly #onProgress: () => void
  #stream: Duplex | undefined
  /** The write or the end that waits for the stream. */
  #waiting: (() => void) | undefined
  /** Ends the write that is under way. */
  #done: Callback | undefined
  #hasLost = false
  #bytes = 0
  #length = 0

  /** `onProgress` is told when a piece of a write is sent, and when it has been taken. */
  constructor(onProgress: () => void) {
    this.#onProgress = onProgress
  }

  get isWriting(): boolean {
    return this.#done !== undefined
  }

  /** The bytes of all writes so far, with the one that is under way. */
  get bytes(): number {
    return this.#bytes
  }

  /** The length of the write that is under way, as node:stream counts it. */
  get lengthUnderWay(): number {
    return this.#length
  }

  write(chunks: readonly WrittenChunk[], done: Callback): void {
    this.#done = done
    this.#length = chunks.reduce((sum, { chunk }) => sum + chunk.length, 0)
    const pieces = [...writePieces(chunks)]
    this.#bytes += pieces.reduce((sum, piece) => sum + piece.length, 0)
    this.#whenOpen((stream) => this.#send(stream, pieces))
  }

  end(done: Callback): void {
    // A failure to end is the stream's own, which tells it.
    this.#whenOpen((stream) => stream.end(() => done()))
  }

  /** Sends what has waited, and from now on whatever comes. */
  open(stream: Duplex): void {
    this.#stream = stream
    this.#waiting?.()
    this.#waiting = undefined
  }

  /**
   * The other side has closed in order. As with TCP, one write is taken all the same and lost, if it is no longer than what
   * a kernel takes without asking, such as the goodbye of TLS; whether there was such a one.
   */
  lose(): boolean {
    if (this.#hasLost || this.#done === undefined || this.#length > kernelBytes) return false
    this.#hasLost = true
    this.#finish()
    return true
  }

  /** The write that is under way will not be done. */
  abandon(error: Error): void {
    this.#waiting = undefined
    this.#finish(error)
  }

  #whenOpen(act: (stream: Duplex) => void): void {
    if (this.#stream !== undefined) act(this.#stream)
    else this.#waiting = () => this.#stream !== undefined && act(this.#stream)
  }

  #send(stream: Duplex, [piece, ...rest]: readonly Buffer[]): void {
    if (piece === undefined) {
      this.#finish()
      return
    }
    if (!stream.writable) {
      if (stream.errored === null && this.lose()) return
      this.#finish(new SocketError('EPIPE', { syscall: 'write', cause: closedError() }))
      return
    }
    this.#onProgress()
    stream.write(piece, (error) => {
      // A failed write is not reported by itself: the stream's error or end, which follows, says more.
      if (error || this.#done === undefined) return
      this.#onProgress()
      this.#send(stream, rest)
    })
  }

  #finish(error?: Error): void {
    const done = this.#done
    this.#done = undefined
    this.#length = 0
    done?.(error)
  }
}
