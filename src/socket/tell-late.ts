// Calls a listener that waits for what has happened already.

import type { Socket } from 'node:net'

/** Calls the listener in the next tick in place of the event, unless the socket or the listener is gone by then. */
export function tellLate(socket: Socket, event: string, listener: (...given: never[]) => void): void {
  process.nextTick(() => {
    if (socket.destroyed || !socket.listeners(event).includes(listener)) return
    socket.off(event, listener as () => void)
    Reflect.apply(listener, socket, [])
  })
}
