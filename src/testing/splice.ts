// Joins two streams as a gateway joins a channel and a connection.

import type { Duplex } from 'node:stream'

/** Carries bytes both ways. An end passes through as an end; when one side closes, the other does after a last flush. */
export function splice(left: Duplex, right: Duplex): void {
  for (const [from, to] of [
    [left, right],
    [right, left],
  ] as const) {
    from.on('error', () => {})
    from.pipe(to)
    from.once('close', () => {
      if (to.writableFinished) {
        to.destroy()
        return
      }
      to.once('finish', () => to.destroy())
      to.end()
    })
  }
}
