// What somebody else's dialer gave: whether it is an open stream, and how to let go of it.

import { Duplex } from 'node:stream'

/** Whether it can be read and written now. */
export function isOpenDuplex(given: unknown): given is Duplex {
  return given instanceof Duplex && given.readable && given.writable && !given.destroyed
}

/** Destroys it if it is a stream; what it still says of that is nobody's business. */
export function discard(given: unknown): void {
  if (!(given instanceof Duplex)) return
  given.on('error', () => {})
  given.destroy()
}
