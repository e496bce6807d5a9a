// The stream that ssh2 gets as its socket, over whatever carries a hop. It joins small writes, watches over the
// version exchange, notes when bytes come in, and turns the carrier's end into an error of ours.

import { Duplex } from 'node:stream'
import type { ErrorCode } from '../error-codes.js'
import { SallyportError } from '../errors.js'
import { type Refusal, VersionReader } from './version-line.js'

type Callback = (error?: Error | null) => void

export interface HopStreamOptions {
  /** Told the server's version line, without its end, before the bytes go on. */
  readonly onVersion: (line: string) => void
  /** Makes the error that the stream is destroyed with. */
  readonly fail: (code: ErrorCode, what: string, details?: { readonly cause: unknown }) => SallyportError
}

const bufferBytes = 65_536

/**
 * Owns the carrier: whatever destroys this stream destroys the carrier. An error of the carrier that is ours already
 * passes as it is. An end after the version line is an end; before it, it is an error. Lines before the version are
 * kept back: ssh2 1.17 loses bytes when they, or the version, come in more than two pieces.
 * What is written just before `destroy` is lost, unless `end` is called between.
 */
export class HopStream extends Duplex {
  readonly #carrier: Duplex
  readonly #options: HopStreamOptions
  readonly #reader = new VersionReader()
  #hasVersion = false
  #hasAnswered = false
  #lastReceivedAt = performance.now()

  constructor(carrier: Duplex, options: HopStreamOptions) {
    super({ highWaterMark: bufferBytes })
    this.#carrier = carrier
    this.#options = options
    this.on('error', () => {})
    // SSH knows no half-closed connection.
    this.once('end', () => this.destroy())
    carrier
      .on('data', this.#onData)
      .on('end', this.#onEnd)
      .on('close', this.#onEnd)
      .on('error', this.#onError)
    // It may have ended while nobody was looking.
    if (carrier.destroyed || carrier.readableEnded) process.nextTick(this.#onEnd)
  }

  /** When bytes last came in, by `performance.now()`; at first, when the stream was made. */
  get lastReceivedAt(): number {
    return this.#lastReceivedAt
  }

  /** Whether anything was written since bytes last came in. */
  get hasAnswered(): boolean {
    return this.#hasAnswered
  }

  // All that ssh2 writes in one tick leaves as one write: each one of its own would be a packet at every hop below.
  override write(chunk: unknown, encoding?: BufferEncoding | Callback, callback?: Callback): boolean {
    this.#hasAnswered = true
    if (this.writableCorked === 0) {
      this.cork()
      process.nextTick(() => this.uncork())
    }
    return super.write(chunk, encoding as BufferEncoding, callback)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    // One that the other side has closed takes nothing more, and its end follows. Writing would make that an error.
    if (!this.#carrier.writable) return
    this.#carrier.write(chunk, (error) => {
      // A failed write is not reported by itself: the carrier's error or end, which follows, says more.
      if (!error) callback()
    })
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: Callback): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', callback)
  }

  override _final(callback: Callback): void {
    this.#carrier.end(() => callback())
  }

  override _read(): void {
    this.#carrier.resume()
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#carrier
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('close', this.#onEnd)
      .off('error', this.#onError)
      .on('error', () => {})
      .destroy()
    callback(error)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#hasAnswered = false
    this.#lastReceivedAt = performance.now()
    const bytes = this.#hasVersion ? chunk : this.#readVersion(chunk)
    if (bytes !== undefined && !this.push(bytes)) this.#carrier.pause()
  }

  #readVersion(chunk: Buffer): Buffer | undefined {
    const found = this.#reader.read(chunk)
    if (found === undefined) return undefined
    if ('code' in found) {
      this.#refuse(found)
      return undefined
    }
    this.#hasVersion = true
    this.#options.onVersion(found.version)
    return found.bytes
  }

  // On 'end', or on 'close' alone from a carrier that was cut off.
  readonly #onEnd = (): void => {
    if (this.#carrier.errored) this.#onError(this.#carrier.errored)
    else if (!this.#hasVersion) this.#refuse(this.#reader.end())
    else this.push(null)
  }

  readonly #onError = (error: Error): void => {
    if (error instanceof SallyportError) {
      this.destroy(error)
      return
    }
    const name = 'code' in error ? String(error.code) : error.name
    const lost: Refusal = { code: 'CONNECTION_LOST', what: `the connection was lost (${name})` }
    this.#refuse(this.#hasVersion ? lost : this.#reader.end(name), error)
  }

  #refuse({ code, what }: Refusal, cause?: unknown): void {
    if (this.destroyed) return
    this.destroy(this.#options.fail(code, what, cause === undefined ? undefined : { cause }))
  }
}
