// A session on which commands, shells and subsystems wait for their turn; all else is as of the session itself.

import type { HopRef } from '../errors.js'
import type { Session } from '../wire/wire.js'
import { SessionQueue } from './session-queue.js'

/** The same session, whose `start` waits while the server holds as many as it can. Streams are not counted. */
export function queuedSession(session: Session, { hop }: { readonly hop: HopRef }): Session {
  const queue = new SessionQueue(session, { hop })
  return {
    details: session.details,
    ended: session.ended,
    get lastReceivedAt() {
      return session.lastReceivedAt
    },
    openStream: (address, options) => session.openStream(address, options),
    start: (request, signal) => queue.start(request, signal),
    listen: (request, signal) => session.listen(request, signal),
    ping: () => session.ping(),
    end: (reason) => session.end(reason),
  }
}
