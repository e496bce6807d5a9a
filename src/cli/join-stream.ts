// Standard input and output joined with a stream from a host: both ways at the pace of the slower side, and each way
// ends by itself. Nothing but the stream goes to standard output.

import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Address, Connection } from '../index.js'
import { endOutput } from './end-output.js'
import type { Interruption } from './interruption.js'

export interface JoinOptions {
  readonly interruption: Interruption
  /** What ends it all: that the other side has ended its way, as with `ssh -W`, or both. A person needs no second end. */
  readonly until: 'they have ended' | 'both have ended'
}

/** Opens the stream and joins it. Resolves to 0 at the end; rejects when there is no stream, or it was cut. */
export async function joinStream(
  connection: Connection,
  address: Address,
  { interruption, until }: JoinOptions,
): Promise<number> {
  const { signal } = interruption
  const stream: Duplex = await connection.dial(address, { signal })
  stream.on('error', () => {})
  // Each way ends by itself.
  stream.allowHalfOpen = true
  const closed = stream.closed ? Promise.resolve() : once(stream, 'close')
  const cut = (): void => void stream.destroy()
  signal.addEventListener('abort', cut)
  if (signal.aborted) cut()
  const { stdin } = process
  try {
    stdin.on('error', (error) => stream.destroy(error))
    // Not by pipeline: that the other side takes no more is no error of the input.
    stdin.pipe(stream)
    await passOut(stream, interruption)
    if (until === 'both have ended' && !stdin.isTTY) await closed
    if (stream.errored !== null) throw stream.errored
    return 0
  } finally {
    signal.removeEventListener('abort', cut)
    stream.destroy()
    stdin.unpipe(stream)
    stdin.destroy()
  }
}

async function passOut(stream: Duplex, interruption: Interruption): Promise<void> {
  try {
    await pipeline(stream, process.stdout, { end: false })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EPIPE') interruption.interrupt('SIGPIPE')
    // That the stream has closed, and why, is told by itself.
    if (!stream.destroyed) stream.destroy(error as Error)
    return
  }
  await endOutput(process.stdout)
}
