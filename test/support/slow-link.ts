// A TCP proxy that holds everything back by the same time, as a long line does: any amount may be on its way at once.

import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import { randomLoopback } from './sshd.js'

export interface SlowLink extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /**
   * The most bytes that the target has sent within one round trip. Whoever waits for an answer after so many bytes never
   * sends more, however busy the machine is.
   */
  mostPerRoundTrip(): number
}

/** Starts a proxy to that address. `delayMs` is for each direction: a round trip takes twice as long. */
export async function startSlowLink(
  target: { readonly host: string; readonly port: number },
  { delayMs }: { readonly delayMs: number },
): Promise<SlowLink> {
  const host = randomLoopback()
  const sockets = new Set<Socket>()
  const timers = new Set<NodeJS.Timeout>()
  const sent = new RoundTrips(2 * delayMs)
  const carry = (from: Socket, to: Socket): void => {
    sockets.add(from)
    from.on('error', () => undefined)
    const later = (act: () => void): void => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        act()
      }, delayMs)
      timers.add(timer)
    }
    from.on('data', (piece: Buffer) => later(() => to.write(piece)))
    from.on('end', () => later(() => to.end()))
    from.on('close', () => {
      sockets.delete(from)
      later(() => to.destroy())
    })
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = dial({ ...target, allowHalfOpen: true, noDelay: true })
    far.on('data', (piece: Buffer) => sent.add(piece.length))
    carry(near, far)
    carry(far, near)
  })
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    host,
    port,
    mostPerRoundTrip: () => sent.most,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const timer of timers) clearTimeout(timer)
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Counts the bytes of the last round trip. */
class RoundTrips {
  readonly #ms: number
  readonly #pieces: { readonly at: number; readonly bytes: number }[] = []
  #bytes = 0
  most = 0

  constructor(ms: number) {
    this.#ms = ms
  }

  add(bytes: number): void {
    const at = performance.now()
    this.#pieces.push({ at, bytes })
    this.#bytes += bytes
    while (this.#pieces[0] !== undefined && at - this.#pieces[0].at >= this.#ms)
      this.#bytes -= this.#pieces.shift()?.bytes ?? 0
    this.most = Math.max(this.most, this.#bytes)
  }
}
