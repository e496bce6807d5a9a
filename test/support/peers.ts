// The two ends of a forward: small services behind it, and clients before it, over sockets of the system.

import { once } from 'node:events'
import { createServer, connect as netConnect, type Server, type Socket } from 'node:net'
import type { Address } from '../../src/dialer.js'

export interface Service extends AsyncDisposable {
  readonly address: Address & { readonly host: string; readonly port: number }
  /** The connections that it has, or has had. */
  readonly sockets: readonly Socket[]
}

/** A service on a free port of 127.0.0.1, or on a unix socket; `serve` is told of each connection. */
export async function startService(serve: (socket: Socket) => void, path?: string): Promise<Service> {
  const sockets: Socket[] = []
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    serve(socket)
  })
  if (path === undefined) server.listen(0, '127.0.0.1')
  else server.listen(path)
  await once(server, 'listening')
  const found = server.address()
  const port = found !== null && typeof found === 'object' ? found.port : 0
  return {
    address: { host: '127.0.0.1', port },
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A client that does not close by itself what the other side ends. */
export function client(address: Address, { allowHalfOpen = true } = {}): Socket {
  const socket = netConnect({ ...address, allowHalfOpen, noDelay: true })
  socket.on('error', () => {})
  return socket
}

/** How a socket ended: what came, and the error, if it was no end. */
export interface Reception {
  readonly bytes: Buffer
  readonly error: string | undefined
}

/** Reads to the end of a socket, whichever it is, and closes it. */
export async function receive(socket: Socket): Promise<Reception> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise<void>((resolve) => {
    socket.once('end', resolve)
    socket.once('close', resolve)
  })
  const error = (socket.errored as NodeJS.ErrnoException | null)?.code
  socket.destroy()
  return { bytes: Buffer.concat(chunks), error }
}

/** Sends this, ends, and reads to the end. */
export function ask(address: Address, question: string | Buffer): Promise<Reception> {
  const socket = client(address)
  socket.end(question)
  return receive(socket)
}
