// A TCP server that says what a script tells it to and remembers what it was told: for peers that are no SSH servers,
// or that stop being one half-way.

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { randomLoopback } from './sshd.js'

export interface RawPeer {
  readonly socket: Socket
  /** All that came from the client so far. */
  received(): Buffer
  /** Resolves with all that came, once it holds `text`; rejects when the client ends before. */
  waitFor(text: string): Promise<Buffer>
  send(bytes: string | Uint8Array): void
}

export interface RawServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** One for each connection so far, in order. */
  readonly peers: readonly RawPeer[]
  /** How many connections are open now. */
  live(): number
}

/** Starts a server that runs the script for each connection, or sends the bytes and stays silent. */
export async function startRawServer(
  script: string | Uint8Array | ((peer: RawPeer) => unknown),
): Promise<RawServer> {
  const host = randomLoopback()
  const peers: RawPeer[] = []
  const sockets = new Set<Socket>()
  const failures: unknown[] = []
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    const peer = createPeer(socket)
    peers.push(peer)
    if (typeof script !== 'function') peer.send(script)
    else Promise.resolve(script(peer)).catch((error: unknown) => failures.push(error))
  })
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
  return {
    host,
    port: address.port,
    peers,
    live: () => sockets.size,
    /** Rejects with what a script threw, other than that its client went away. */
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
      const failure = failures.find((error) => !(error instanceof ClientGone))
      if (failure !== undefined) throw failure
    },
  }
}

class ClientGone extends Error {}

function createPeer(socket: Socket): RawPeer {
  const chunks: Buffer[] = []
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const received = (): Buffer => Buffer.concat(chunks)
  return {
    socket,
    received,
    send: (bytes) => void socket.write(bytes),
    waitFor: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (received().includes(text)) settle(() => resolve(received()))
        }
        const gone = (): void =>
          settle(() => reject(new ClientGone(`the client ended without sending ${text}`)))
        const settle = (act: () => void): void => {
          socket.off('data', look).off('close', gone).off('end', gone)
          act()
        }
        socket.on('data', look).on('close', gone).on('end', gone)
        look()
        if (socket.destroyed) gone()
      }),
  }
}
