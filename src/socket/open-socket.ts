// The two ways to a socket: one that is open when you get it, and one that opens while you hold it, like net.connect.

import type { Socket } from 'node:net'
import type { Address, CallOptions } from '../dialer.js'
import { dialWithLease } from '../hops/dial-through.js'
import type { Acquire } from '../hops/lease.js'
import { checkAddress, checkCallOptions } from '../option-check.js'
import { ChannelSocket, type OpenStream } from './channel-socket.js'
import { checkSocketOptions, type SocketOptions } from './socket-options.js'

export type { Socket }

/** Opens a socket through the hop. Rejects with our errors. The caller destroys it. */
export async function dialSocket(acquire: Acquire, address: Address, options: CallOptions): Promise<Socket> {
  checkAddress(address)
  checkCallOptions(options)
  const dialled = await dialWithLease(acquire, address, options)
  return new ChannelSocket(openerFor(acquire)).adopt(dialled, address)
}

/**
 * A socket at once, which is connecting; without an address it waits for its `connect`, as `new net.Socket()` does. What
 * goes wrong is its `error`, a `SocketError`; unlike those of net.Socket, one that nobody listens for does not end the
 * process. Throws a TypeError for an address or options that are none.
 */
export function openSocket(acquire: Acquire, address: Address | undefined, options: SocketOptions): Socket {
  if (address !== undefined) checkAddress(address)
  checkSocketOptions(options)
  const socket = new ChannelSocket(openerFor(acquire), options)
  return address === undefined || socket.destroyed ? socket : socket.connect(address)
}

function openerFor(acquire: Acquire): OpenStream {
  return (address, options) => dialWithLease(acquire, address, options)
}
