// Opens the servers of a forward, all of them or none, and hands over what connects to them.

import { createServer, type Server, type Socket } from 'node:net'
import { reportWarning } from '../../diagnostics.js'
import type { Address, ListenAddress } from '../../dialer.js'
import type { HopRef } from '../../errors.js'
import { closeServer } from './close-server.js'
import { hostsOf } from './listen-addresses.js'
import { listenFailed } from './listen-failure.js'
import { listenOnPort } from './listen-on-port.js'
import { listenOnUnixSocket, type UnixSocketTerms } from './unix-socket.js'

/** How much a socket reads ahead, and takes before it asks to wait. */
const bufferBytes = 256 * 1024

export interface ListenOptions {
  readonly hop: HopRef
  readonly unixSockets: UnixSocketTerms
  readonly signal: AbortSignal
}

/** A server that listens, and where. */
export interface Listening {
  readonly address: Address
  /** Takes away what the closing of the server leaves. */
  readonly cleanUp?: (() => Promise<void>) | undefined
}

/** What a forward listens on. */
export interface Listeners {
  /** With the ports as they are: for each family one. */
  readonly addresses: readonly Address[]
  /** From now on each connection is told, with who connected; those that came before it are told at once. */
  serve(accept: (socket: Socket, from: Address | undefined) => void): void
  /** Stops listening. What was handed over lives on. Resolves when nothing of it is left; never rejects. */
  close(): Promise<void>
}

/**
 * Listens on all of `list`, or on nothing: rejects with LISTEN_FAILED, whose cause is the system's error, or with the
 * signal's reason. Sockets are given without delay of small writes, allow half-closes, and have begun to read.
 */
export async function openListeners(
  list: readonly ListenAddress[],
  { hop, unixSockets, signal }: ListenOptions,
): Promise<Listeners> {
  const servers: Server[] = []
  const cleanUps: (() => Promise<void>)[] = []
  const addresses: Address[] = []
  const early: Socket[] = []
  let accept = (socket: Socket): void => void early.push(socket)

  const newServer = (): Server => {
    const server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: bufferBytes })
    server.on('connection', (socket) => {
      socket.on('error', () => {})
      accept(socket)
    })
    // While it listens: no descriptor was left for one that connected, say.
    server.on('error', (error) => {
      if (server.listening) reportWarning({ hop, message: `a forward could not accept: ${error.message}` })
    })
    servers.push(server)
    return server
  }
  const close = async (): Promise<void> => {
    accept = (socket) => void socket.destroy()
    for (const socket of early.splice(0)) socket.destroy()
    await Promise.all(servers.map(closeServer))
    await Promise.all(cleanUps.map((cleanUp) => cleanUp()))
  }

  try {
    for (const address of list) {
      signal.throwIfAborted()
      const opened = await listenOn(address, newServer, { unixSockets, signal })
      addresses.push(...opened.map((listening) => listening.address))
      cleanUps.push(...opened.flatMap(({ cleanUp }) => cleanUp ?? []))
    }
    signal.throwIfAborted()
  } catch (error) {
    await close()
    throw signal.aborted ? signal.reason : error
  }
  return {
    addresses,
    serve: (told) => {
      accept = (socket) => told(socket, clientOf(socket))
      for (const socket of early.splice(0)) accept(socket)
    },
    close,
  }
}

async function listenOn(
  address: ListenAddress,
  newServer: () => Server,
  { unixSockets, signal }: Pick<ListenOptions, 'unixSockets' | 'signal'>,
): Promise<readonly Listening[]> {
  try {
    if ('path' in address) return [await listenOnUnixSocket(newServer(), address.path, unixSockets)]
    const found = await listenOnPort(newServer, { hosts: hostsOf(address.host), port: address.port, signal })
    return found.map((listening) => ({ address: listening }))
  } catch (error) {
    throw listenFailed(address, error)
  }
}

function clientOf({ remoteAddress, remotePort }: Socket): Address | undefined {
  if (remoteAddress === undefined || remotePort === undefined) return undefined
  return { host: remoteAddress, port: remotePort }
}
