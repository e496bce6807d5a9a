// Writes a file from one end to the other with many requests under way. Whoever writes waits while too much is.

import { linkedController } from './linked-controller.js'
import type { SftpFile } from './sftp.js'

export interface PipelinedWriteOptions {
  /** Where to begin. Default 0. */
  readonly start?: number | undefined
  /** Ends the writing at once. */
  readonly signal?: AbortSignal | undefined
  /** The most bytes sent and not acknowledged yet. Default 8 MiB. */
  readonly bytesInFlight?: number | undefined
  /** Told how many bytes the server has acknowledged, each time that it does. */
  readonly onWritten?: ((bytes: number) => void) | undefined
}

const mostRequests = 64

/** The pieces of a file on their way. Whoever made it calls `finish` or `stop`. */
export class PipelinedWriter {
  readonly #file: Pick<SftpFile, 'write' | 'writeBytes'>
  readonly #options: PipelinedWriteOptions
  readonly #stop: ReturnType<typeof linkedController>
  readonly #mostInFlight: number
  readonly #inFlight = new Set<Promise<void>>()
  #bytes = 0
  #position: number
  #failure: { readonly error: unknown } | undefined

  constructor(file: Pick<SftpFile, 'write' | 'writeBytes'>, options: PipelinedWriteOptions = {}) {
    this.#file = file
    this.#options = options
    this.#stop = linkedController(options.signal)
    this.#position = options.start ?? 0
    this.#mostInFlight = options.bytesInFlight ?? 8 * 1024 * 1024
  }

  /** Where the next byte goes. */
  get position(): number {
    return this.#position
  }

  /**
   * Takes bytes that must not change before `finish`. Resolves when there is room for more; rejects with what became of
   * any piece before. One call at a time.
   */
  async write(data: Uint8Array): Promise<void> {
    const { writeBytes } = this.#file
    for (let start = 0; start < data.byteLength; start += writeBytes) {
      this.#send(data.subarray(start, start + writeBytes))
      while (this.#isFull()) await Promise.race(this.#inFlight)
      if (this.#failure !== undefined) throw this.#failure.error
    }
  }

  /** Resolves when the server has acknowledged everything; rejects with the first failure. */
  async finish(): Promise<void> {
    while (this.#inFlight.size > 0 && this.#failure === undefined) await Promise.race(this.#inFlight)
    this.stop()
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** Waits for nothing more. Idempotent. */
  stop(): void {
    this.#stop.dispose()
    this.#stop.abort()
  }

  #isFull(): boolean {
    if (this.#failure !== undefined) return false
    return this.#bytes >= this.#mostInFlight || this.#inFlight.size >= mostRequests
  }

  #send(piece: Uint8Array): void {
    const { byteLength } = piece
    this.#bytes += byteLength
    const sent = this.#file
      .write(this.#position, piece, { signal: this.#stop.signal })
      .then(() => this.#options.onWritten?.(byteLength))
      .catch((error: unknown) => {
        this.#failure ??= { error }
      })
      .then(() => {
        this.#bytes -= byteLength
        this.#inFlight.delete(sent)
      })
    this.#position += byteLength
    this.#inFlight.add(sent)
  }
}

/** Writes all that comes, in order, and resolves to the number of bytes. The file stays open. */
export async function pipelinedWrite(
  file: Pick<SftpFile, 'write' | 'writeBytes'>,
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: PipelinedWriteOptions = {},
): Promise<number> {
  const writer = new PipelinedWriter(file, options)
  const { position: start } = writer
  try {
    for await (const data of source) await writer.write(data)
    await writer.finish()
  } finally {
    writer.stop()
  }
  return writer.position - start
}
