// A stream through a session that is already open: how every hop but the first is reached.

import { abortError } from '../aborted.js'
import type { Address } from '../dialer.js'
import type { HopRef } from '../errors.js'
import type { Session } from '../wire/wire.js'
import type { Link } from './link.js'
import { streamLink } from './stream-link.js'

export interface ChannelRequest {
  /** The session of the hop before. It is borrowed: closing the link closes the channel only. */
  readonly session: Session
  readonly address: Address
  /** The hop that is to be reached. */
  readonly hop: HopRef
  readonly signal: AbortSignal
}

/**
 * Opens a channel to the address. Rejects as `Session.openStream` does.
 * `ref` and `unref` do nothing: the link at the bottom decides whether the process stays alive.
 */
export async function openChannelLink(request: ChannelRequest): Promise<Link> {
  const { session, address, hop, signal } = request
  if (signal.aborted) throw abortError(signal.reason, { hop, phase: 'channel' })
  const stream = await session.openStream(address, { signal, towards: hop })
  const description = 'path' in address ? 'direct-streamlocal@openssh.com' : 'direct-tcpip'
  return streamLink(stream, { description })
}
