// Streams that a caller gives for many members: what can be read once only is refused, and what is written to is shared,
// with one listener on it however many members there are.

import { Writable } from 'node:stream'
import type { LiveOutput } from '../exec/capture.js'

/** Refuses what cannot be sent to several members. */
export function checkRepeatable(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'string' || value instanceof Uint8Array) return
  throw new TypeError(
    `${name}: a stream can be read once, and not by each member: give text, bytes or a path`,
  )
}

/** The output streams of a caller, each as one for every member. */
export class SharedSinks {
  readonly #stdout: SharedSink | undefined
  readonly #stderr: SharedSink | undefined

  constructor({ stdout, stderr }: Pick<LiveOutput, 'stdout' | 'stderr'>) {
    this.#stdout = stdout && new SharedSink(stdout)
    this.#stderr = stderr && new SharedSink(stderr)
  }

  forMember(): Pick<LiveOutput, 'stdout' | 'stderr'> {
    return {
      ...(this.#stdout && { stdout: this.#stdout.forMember() }),
      ...(this.#stderr && { stderr: this.#stderr.forMember() }),
    }
  }

  release(): void {
    this.#stdout?.release()
    this.#stderr?.release()
  }
}

class SharedSink {
  readonly #sink: Writable
  /** What fails is told to each write. */
  readonly #onError = (): void => {}

  constructor(sink: Writable) {
    this.#sink = sink
    sink.on('error', this.#onError)
  }

  /** Takes in as much as the stream itself, and is not ended with it. */
  forMember(): Writable {
    const sink = this.#sink
    const write = (chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void => {
      // As for one command: whose reader has gone misses the rest.
      if (!sink.writable) done()
      else sink.write(chunk, done)
    }
    return new Writable({ write })
  }

  release(): void {
    this.#sink.off('error', this.#onError)
  }
}
