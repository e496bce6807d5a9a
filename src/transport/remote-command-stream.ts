// The stdin and stdout of a command on a gateway as one stream. It decides when the command counts as ended, and gathers
// what is known by then. The local kin of it is command-stream.ts.

import { Duplex } from 'node:stream'
import type { RemoteProcess } from '../wire/wire.js'
import { type CommandEnd, StderrTail } from './command-stream.js'

type Callback = (error?: Error | null) => void

// After an end of file: how long the exit status may take.
const statusGraceMs = 1000

/** Owns the process. Destroying the stream ends the command, as far as the server lets it. */
export class RemoteCommandStream extends Duplex {
  readonly #process: RemoteProcess
  readonly #toError: (end: CommandEnd) => Error
  readonly #stderr = new StderrTail()
  #failure: Error | undefined
  #grace: NodeJS.Timeout | undefined

  constructor(process: RemoteProcess, toError: (end: CommandEnd) => Error) {
    super()
    this.#process = process
    this.#toError = toError
    this.on('error', () => {})
    this.once('end', () => this.destroy(this.#failure))
    const { stdin, stdout, stderr, end } = process
    for (const stream of [stdin, stdout, stderr]) stream.on('error', () => {})
    stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) stdout.pause()
    })
    stdout.once('end', () => this.#expectEnd())
    stderr.on('data', (chunk: Buffer) => this.#stderr.add(chunk))
    end.then(
      ({ exitCode, signal }) => this.#fail({ exitCode, signal }),
      // The gateway was lost, and says why.
      (error: Error) => this.destroy(error),
    )
  }

  /** Destroys the stream. Resolves when the channel has been closed on this side; the server is not waited for. */
  close(): Promise<void> {
    if (this.closed) return Promise.resolve()
    return new Promise((resolve) => {
      this.once('close', resolve)
      this.destroy()
    })
  }

  override _read(): void {
    this.#process.stdout.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#process.stdin.write(chunk, (error) => {
      // A failed write is not reported by itself: the command's end, which follows, says more.
      if (!error) callback()
    })
  }

  override _final(callback: Callback): void {
    this.#process.stdin.end()
    callback()
  }

  override _destroy(error: Error | null, callback: Callback): void {
    clearTimeout(this.#grace)
    // Closing takes from the command its input and output, which most take for the end; the signal is for the others.
    this.#process.kill('TERM')
    this.#process.close()
    callback(error)
  }

  #expectEnd(): void {
    if (this.destroyed || this.#grace !== undefined) return
    this.#grace = setTimeout(() => this.#fail({ exitCode: null, signal: null }), statusGraceMs)
  }

  #fail(end: Omit<CommandEnd, 'stderrTail'>): void {
    if (this.destroyed || this.#failure !== undefined) return
    clearTimeout(this.#grace)
    this.#failure = this.#toError({ ...end, stderrTail: this.#stderr.shown() })
    // What the command wrote before it ended is read first.
    if (this.readableLength === 0) this.destroy(this.#failure)
    else this.push(null)
  }
}
