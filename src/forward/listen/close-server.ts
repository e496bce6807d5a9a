// Ends a server's listening, also when it has hardly begun.

import type { Server } from 'node:net'

/** Resolves when it no longer listens, and never will; what it has accepted lives on. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) {
      // The name may still be looked up; nothing comes of a server that has failed.
      server.once('listening', () => server.close())
      return resolve()
    }
    // Its own callback waits for the connections, too, which are not its business here.
    server.close()
    setImmediate(resolve)
  })
}
