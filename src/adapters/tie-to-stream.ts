// TLS on a stream that is no handle of the system: Node hands on bytes and errors between the two, but neither the end
// of one that fails in its handshake nor who is keeping the process alive.

import type { Socket } from 'node:net'

/** Makes `ref()` and `unref()` of the TLS socket those of the stream below it, which ends with it. Returns the former. */
export function tieToStream<Secure extends Socket>(secure: Secure, stream: Socket): Secure {
  const own = {
    ref(): Secure {
      stream.ref()
      return secure
    },
    unref(): Secure {
      stream.unref()
      return secure
    },
  }
  secure.once('close', () => stream.destroy())
  return Object.assign(secure, own)
}
