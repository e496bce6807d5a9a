// The line between a client and a host of the embedded network, which can go silent, be slow, or be cut.
// Always there, so that faults can come and go while connections live.

import { Duplex } from 'node:stream'
import type { Faults } from './faults.js'

const heldAtMostBytes = 2 ** 20
const slicesPerSecond = 50

/** The host's side of `raw`, as `faults()` has it at each moment. Destroying one destroys the other. */
export class FaultyLine extends Duplex {
  readonly #raw: Duplex
  readonly #faults: () => Faults
  #held: Buffer[] = []
  #heldBytes = 0
  #sentBytes = 0
  #resumeWriting: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(raw: Duplex, faults: () => Faults) {
    super()
    this.#raw = raw
    this.#faults = faults
    this.on('error', () => {})
    raw.on('error', () => this.destroy())
    raw.on('close', () => this.destroy())
    raw.on('data', (chunk: Buffer) => this.#receive(chunk))
    raw.on('end', () => (this.#faults().silent === true ? this.destroy() : this.push(null)))
  }

  /** To be called when the faults have changed. */
  faultsChanged(): void {
    if (this.destroyed || this.#faults().silent === true) return
    for (const chunk of this.#held.splice(0)) this.push(chunk)
    this.#heldBytes = 0
    this.#raw.resume()
    const resume = this.#resumeWriting
    this.#resumeWriting = undefined
    resume?.()
  }

  override _read(): void {
    if (this.#faults().silent !== true) this.#raw.resume()
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { silent, cutAfterBytes = Number.POSITIVE_INFINITY, bytesPerSecond } = this.#faults()
    if (silent === true) {
      this.#resumeWriting = () => this._write(chunk, encoding, done)
      return
    }
    const room = Math.max(0, cutAfterBytes - this.#sentBytes)
    if (chunk.length >= room) {
      this.#sentBytes += room
      this.#raw.write(chunk.subarray(0, room), () => this.destroy())
      return
    }
    const slice =
      bytesPerSecond === undefined ? chunk.length : Math.max(1, Math.floor(bytesPerSecond / slicesPerSecond))
    this.#sentBytes += Math.min(slice, chunk.length)
    if (bytesPerSecond === undefined) {
      this.#raw.write(chunk, done)
      return
    }
    this.#raw.write(chunk.subarray(0, slice))
    const rest = chunk.subarray(slice)
    this.#timer = setTimeout(
      () => (rest.length === 0 ? done() : this._write(rest, encoding, done)),
      (Math.min(slice, chunk.length) / bytesPerSecond) * 1000,
    )
  }

  override _final(done: () => void): void {
    if (this.#faults().silent === true) {
      this.#resumeWriting = () => this._final(done)
      return
    }
    this.#raw.end(() => done())
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer)
    this.#raw.destroy()
    done(error)
  }

  #receive(chunk: Buffer): void {
    if (this.#faults().silent !== true) {
      if (!this.push(chunk)) this.#raw.pause()
      return
    }
    this.#held.push(chunk)
    this.#heldBytes += chunk.length
    if (this.#heldBytes >= heldAtMostBytes) this.#raw.pause()
  }
}
