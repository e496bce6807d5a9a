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
  readonly #streams = new Set<Writable>()
  /** Those who wait until it takes in more. */
  #waiting: (() => void)[] = []
  #failure: Error | undefined

  constructor(sink: Writable) {
    this.#sink = sink
    sink.on('drain', this.#goOn).on('close', this.#goOn).on('error', this.#fail)
  }

  /** Passes on at once what it gets, waits while the sink is full, and is not ended with it. */
  forMember(): Writable {
    const stream = new Writable({
      // Nothing is kept here: what was written before is with the sink, which may be ended by its owner.
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => {
        // As for one command: a reader who has gone misses the rest.
        if (this.#failure !== undefined || !this.#sink.writable) done(this.#failure)
        else if (this.#sink.write(chunk)) done()
        else this.#waiting.push(done)
      },
    })
    stream.on('error', () => {})
    this.#streams.add(stream)
    return stream
  }

  release(): void {
    this.#sink.off('drain', this.#goOn).off('close', this.#goOn).off('error', this.#fail)
    this.#goOn()
  }

  readonly #goOn = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    for (const done of waiting) done()
  }

  readonly #fail = (error: Error): void => {
    this.#failure = error
    for (const stream of this.#streams) stream.destroy(error)
  }
}
