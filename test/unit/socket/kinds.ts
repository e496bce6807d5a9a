// The same promises are asked of two kinds of sockets: those of the operating system, and ours over a stream that the
// test moves by hand. Each comes with the other end of it.

import { once } from 'node:events'
import { createServer, type Server, Socket } from 'node:net'
import { type Duplex, duplexPair } from 'node:stream'
import { ConnectError } from '../../../src/errors.js'
import type { DialledStream } from '../../../src/hops/dial-through.js'
import type { Lease } from '../../../src/hops/lease.js'
import { ChannelSocket, type OpenStream } from '../../../src/socket/channel-socket.js'
import { hop } from '../exec/fake-session.js'

export interface Pair {
  /** Not connected yet. */
  readonly socket: Socket
  readonly connect: () => Socket
  /** The other end, once there is one. */
  readonly far: () => Promise<Duplex>
}

export interface Kind {
  readonly name: string
  readonly pair: (options?: { readonly allowHalfOpen?: boolean; readonly signal?: AbortSignal }) => Pair
  /** A socket that will be refused. */
  readonly refused: () => Pair
  readonly open: () => Promise<unknown>
  readonly close: () => Promise<unknown>
}

export function systemSockets(): Kind {
  const ends: Socket[] = []
  let server: Server
  let port = 0
  const pairAt = (at: () => number, socket: Socket): Pair => {
    const far = once(server, 'connection').then(([end]) => end as Duplex)
    return { socket, connect: () => socket.connect(at(), '127.0.0.1'), far: () => far }
  }
  return {
    name: 'a socket of the system',
    pair: (options) => pairAt(() => port, new Socket(options)),
    refused: () => pairAt(() => 1, new Socket()),
    open: async () => {
      server = createServer({ allowHalfOpen: true }, (end) => ends.push(end.on('error', () => {})))
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const address = server.address()
      port = typeof address === 'object' && address !== null ? address.port : 0
    },
    close: async () => {
      for (const end of ends) end.destroy()
      await once(server.close(), 'close')
    },
  }
}

/** A lease that only notes what is done with it. */
export function fakeLease(calls: string[] = []): Lease {
  const note = (call: string) => () => void calls.push(call)
  return { hop, ref: note('ref'), unref: note('unref'), release: note('release') } as Partial<Lease> as Lease
}

/** An opener whose streams come when `deliver` is called. */
export function openerByHand() {
  const calls: string[] = []
  const waiting: ((dialled: DialledStream) => void)[] = []
  const signals: (AbortSignal | undefined)[] = []
  const open: OpenStream = (_address, { signal, onWay }) => {
    signals.push(signal)
    return new Promise((resolve) => {
      waiting.push((dialled) => {
        onWay?.(dialled.lease)
        resolve(dialled)
      })
    })
  }
  const deliver = () => {
    const [near, far] = duplexPair()
    const stream = Object.assign(near, {}).on('error', () => {})
    waiting.shift()?.({ stream, lease: fakeLease(calls) })
    return { near: stream, far: far.on('error', () => {}) }
  }
  return { open, deliver, calls, signals }
}

export function ourSockets(): Kind {
  const refusal = new ConnectError('CONNECTION_REFUSED', 'refused', { hop, phase: 'channel' })
  const refuse: OpenStream = async (_address, { onWay }) => {
    onWay?.(fakeLease())
    throw refusal
  }
  return {
    name: 'a socket of a connection',
    pair: (options) => {
      const { open, deliver } = openerByHand()
      const socket = new ChannelSocket(open, options)
      let arrived: (end: Duplex) => void = () => {}
      const far = new Promise<Duplex>((resolve) => {
        arrived = resolve
      })
      const connect = () => {
        socket.connect(5432, '127.0.0.1')
        setImmediate(() => arrived(deliver().far))
        return socket
      }
      return { socket, connect, far: () => far }
    },
    refused: () => {
      const socket = new ChannelSocket(refuse)
      const never = new Promise<Duplex>(() => {})
      return { socket, connect: () => socket.connect(1, '127.0.0.1'), far: () => never }
    },
    open: async () => {},
    close: async () => {},
  }
}
