// A signal that is good for the whole life of a socket, and is let go of with it.

import type { Socket } from 'node:net'

/** Calls `onAbort` when the signal is aborted before the socket is closed; at once, if it is aborted already. */
export function followSignal(socket: Socket, signal: AbortSignal, onAbort: () => void): void {
  if (signal.aborted) {
    onAbort()
    return
  }
  signal.addEventListener('abort', onAbort)
  socket.once('close', () => signal.removeEventListener('abort', onAbort))
}
