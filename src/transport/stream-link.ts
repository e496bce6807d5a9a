// Makes a Link of an open stream that nothing else stands behind: a socket, a channel, a dialer's stream.

import type { Duplex } from 'node:stream'
import type { Link } from './link.js'

/** What of a stream keeps the process alive, as net.Socket has it. */
export interface Refable {
  ref(): unknown
  unref(): unknown
}

// A stream of someone else's making may never say that it has closed.
const closeLimitMs = 1000

/** The link owns the stream: `close` destroys it and waits for its `close` event, for a second at most. */
export function streamLink(
  stream: Duplex,
  options: Pick<Link, 'description' | 'remoteAddress'> & { readonly refable?: Refable | undefined },
): Link {
  const { description, refable, remoteAddress } = options
  stream.on('error', () => {})
  return {
    stream,
    description,
    remoteAddress,
    ref: () => void refable?.ref(),
    unref: () => void refable?.unref(),
    close: () => closed(stream),
  }
}

function closed(stream: Duplex): Promise<void> {
  if (stream.closed) return Promise.resolve()
  return new Promise((resolve) => {
    const limit = setTimeout(resolve, closeLimitMs)
    stream.once('close', () => {
      clearTimeout(limit)
      resolve()
    })
    stream.destroy()
  })
}
