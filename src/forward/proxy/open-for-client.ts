// One client of a proxy, from its first byte until the destination that it asked for is open, or it has been told why
// not. Where the client came from, and how its destination is dialled, is for the caller to know.

import type { Duplex } from 'node:stream'
import type { PendingConnection } from '../pending-connection.js'
import { type NegotiateOptions, negotiate } from './negotiate.js'
import type { PermitCheck } from './permit.js'
import type { Destination } from './proxy-destination.js'

export interface ProxyTerms extends Omit<NegotiateOptions, 'signal'> {
  readonly permits: PermitCheck
  /** Opens a stream to the destination, and gives up when the signal is aborted. */
  readonly dial: (to: Destination, signal: AbortSignal) => Promise<Duplex>
}

/** Milliseconds that a client has for its request, where nothing else is said. */
export const defaultHandshakeTimeoutMs = 30_000

/**
 * Resolves to the open stream, once the client has been told; what the client sent after its request is still on
 * `stream`. Rejects with the reason why there is none; then `stream` was ended with the answer of the client's protocol.
 * Sets `connection.to`, and gives up when `connection.signal` is aborted.
 */
export async function openForClient(
  stream: Duplex,
  connection: Pick<PendingConnection, 'signal' | 'to'>,
  { login, handshakeTimeoutMs, permits, dial }: ProxyTerms,
): Promise<Duplex> {
  const { signal } = connection
  const client = await negotiate(stream, { login, handshakeTimeoutMs, signal })
  connection.to = client.to
  try {
    await permits(client.to, signal)
    const there = await dial(client.to, signal)
    client.accept()
    return there
  } catch (error) {
    client.refuse(error)
    throw error
  }
}
