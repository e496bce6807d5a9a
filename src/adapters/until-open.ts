// When a driver's socket can be handed to it: open, and secure where there is TLS, or else what went wrong.

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

/**
 * Resolves when the stream is open and TLS on it, where there is any, is established. Rejects with the socket's own
 * error, or with one whose code is `ETIMEDOUT` or `ECONNRESET`, and destroys it. `timeoutMs` is for TLS and for what
 * came before it; a stream without TLS keeps its own time. From here on the socket has a listener for errors.
 */
export function untilOpen(
  stream: Socket,
  inside?: { readonly tls: TLSSocket; readonly timeoutMs: number },
): Promise<void> {
  const socket = inside?.tls ?? stream
  const event = inside === undefined ? 'connect' : 'secureConnect'
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const settle = (error?: Error): void => {
      clearTimeout(timer)
      stream.off('connect', onStream)
      socket.off(event, onOpen).off('close', onClose)
      if (error === undefined) {
        resolve()
      } else {
        socket.destroy()
        reject(error)
      }
    }
    const onOpen = (): void => settle()
    const onClose = (): void => settle(coded('ECONNRESET', 'the connection was closed before it was ready'))
    const onStream = (): void => {
      if (inside === undefined) return
      const leftMs = Math.max(1, inside.timeoutMs - (performance.now() - startedAt))
      timer = setTimeout(() => settle(coded('ETIMEDOUT', 'TLS took too long')), leftMs)
    }
    stream.once('connect', onStream)
    socket.on('error', settle).once(event, onOpen).once('close', onClose)
  })
}

/** An error with a code, as Node's own sockets give them. */
function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, syscall: 'connect' })
}
