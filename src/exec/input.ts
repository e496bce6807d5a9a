// What a command gets on its standard input: given as a whole, or from a source that is let go when the call ends.

import { finished, Readable, type Writable } from 'node:stream'
import { flow } from './flow.js'

/** Text (UTF-8), bytes, a stream or any iterable of these. A source is destroyed, or returned, when the call ends. */
export type CommandInput = string | Uint8Array | Readable | AsyncIterable<string | Uint8Array>

/** Input that waits for its command. */
export interface HeldInput {
  /** Writes it to `stdin` and ends that; without input at once. That `stdin` takes no more is no error. */
  readonly feed: (stdin: Writable) => void
  /** Lets go of the source, wherever it is. */
  readonly release: () => void
}

/** Holds the input from the start of the call on, so that no failure of its source goes unheard. */
export function holdInput(input: CommandInput | undefined, onError: (error: unknown) => void): HeldInput {
  if (input === undefined || typeof input === 'string' || input instanceof Uint8Array) {
    return { feed: (stdin) => void stdin.end(input), release: () => {} }
  }
  const source = input instanceof Readable ? input : Readable.from(input)
  let tell = onError
  source.on('error', (error) => tell(error))
  const releases: (() => void)[] = []
  return {
    feed: (stdin) => {
      releases.push(
        finished(source, { writable: false }, (error) => (error ? tell(error) : stdin.end())),
        flow(source, stdin, { whenClosed: 'pause' }),
      )
    },
    release: () => {
      tell = () => {}
      for (const release of releases) release()
      source.destroy()
    },
  }
}
