// What a transport gives to a hop: a stream, and the means to let go of it.

import type { Duplex } from 'node:stream'

/** How bytes reach a hop. Whoever opened it closes it. */
export interface Link {
  readonly stream: Duplex
  /** What it leads to, for people: `192.0.2.7:22`, `process 4711`, `direct-tcpip`. */
  readonly description: string
  /** The numeric address at its other end, where this machine has connected to the hop itself. */
  readonly remoteAddress?: string | undefined
  /** Whether a pending read keeps the process alive. A fresh link does. */
  ref(): void
  unref(): void
  /** Destroys the stream and whatever is below it; resolves when nothing of it is left. Never rejects, never hangs. */
  close(): Promise<void>
}
