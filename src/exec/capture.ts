// The output of a command: kept up to a limit, and passed on live to the caller's functions and streams.

import type { Readable, Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { flow } from './flow.js'

/** Where output goes while it comes in. It is kept for the result all the same. */
export interface LiveOutput {
  /** Told each piece of standard output, as text; a character is never split between two pieces. */
  readonly onStdout?: ((text: string) => void) | undefined
  readonly onStderr?: ((text: string) => void) | undefined
  /** Gets the bytes of standard output; the command waits while it is full. Not ended here. */
  readonly stdout?: Writable | undefined
  readonly stderr?: Writable | undefined
}

/** Both outputs of one command. */
export class Capture {
  readonly #live: LiveOutput
  readonly #onError: (error: unknown) => void
  readonly #stdout: Buffer[] = []
  readonly #stderr: Buffer[] = []
  readonly #releases: (() => void)[] = []

  /**
   * `onError` is told when a stream or a function of the caller's fails, with its own error, from now on until
   * `release`.
   */
  constructor(live: LiveOutput, onError: (error: unknown) => void) {
    this.#live = live
    this.#onError = onError
    for (const sink of [live.stdout, live.stderr]) {
      sink?.on('error', onError)
      this.#releases.push(() => sink?.off('error', onError))
    }
  }

  /** What was kept so far. */
  get stdout(): Buffer {
    return Buffer.concat(this.#stdout)
  }

  get stderr(): Buffer {
    return Buffer.concat(this.#stderr)
  }

  /** Begins to read, and to keep `maxBytes` of both together; `onTooMuch` is told when there is more. */
  attach(
    streams: { readonly stdout: Readable; readonly stderr: Readable },
    limit: { readonly maxBytes: number; readonly onTooMuch: () => void },
  ): void {
    let room = limit.maxBytes
    const keep = (source: Readable, kept: Buffer[]): (() => void) => {
      const onData = (chunk: Buffer): void => {
        kept.push(chunk.subarray(0, room))
        const tooMuch = chunk.length > room
        room = Math.max(0, room - chunk.length)
        if (tooMuch) limit.onTooMuch()
      }
      source.on('data', onData)
      return () => source.off('data', onData)
    }
    this.#releases.push(
      keep(streams.stdout, this.#stdout),
      keep(streams.stderr, this.#stderr),
      this.#pass(streams.stdout, this.#live.onStdout, this.#live.stdout),
      this.#pass(streams.stderr, this.#live.onStderr, this.#live.stderr),
    )
  }

  /** Takes all listeners off the streams, the caller's included. */
  release(): void {
    for (const release of this.#releases) release()
  }

  #pass(
    source: Readable,
    onText: ((text: string) => void) | undefined,
    sink: Writable | undefined,
  ): () => void {
    const endText = onText === undefined ? undefined : tell(source, onText, this.#onError)
    const endFlow = sink === undefined ? undefined : flow(source, sink, { whenClosed: 'discard' })
    return () => {
      endText?.()
      endFlow?.()
    }
  }
}

/** Decodes across the borders of chunks. The function that it returns takes the listeners off. */
function tell(
  source: Readable,
  onText: (text: string) => void,
  onError: (error: unknown) => void,
): () => void {
  const decoder = new StringDecoder('utf8')
  const pass = (text: string): void => {
    if (text === '') return
    try {
      onText(text)
    } catch (error) {
      onError(error)
    }
  }
  const onData = (chunk: Buffer): void => pass(decoder.write(chunk))
  const onEnd = (): void => pass(decoder.end())
  source.on('data', onData).once('end', onEnd)
  return () => source.off('data', onData).off('end', onEnd)
}
