// Between the listeners of a forward and its connections: each socket that is accepted becomes a connection, is given
// its far side by the forward's own rule, and fails for itself alone.

import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ForwardWork } from './forward-work.js'
import type { Listeners } from './listen/listener.js'
import type { PendingConnection } from './pending-connection.js'

/**
 * Opens the far side of a socket that was accepted: an open stream, which then belongs to the forward. The socket is
 * not read before, but by this function. Sets `connection.to`, gives up when `connection.signal` is aborted. When it
 * rejects, the connection is refused with that error; the socket is reset, unless it was ended with an answer.
 */
export type OpenFarSide = (socket: Socket, connection: PendingConnection) => Promise<Duplex>

/** Serves what connects to the listeners until they are closed. */
export function serve(listeners: Listeners, work: ForwardWork, openFarSide: OpenFarSide): void {
  listeners.serve((socket, from) => {
    const connection = work.begin({ from, stream: socket })
    openFarSide(socket, connection).then(
      (there) => connection.join({ here: socket, there }),
      (error: unknown) => connection.refuse(error),
    )
  })
}
