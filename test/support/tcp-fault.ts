// A TCP proxy with faults to switch on: in what it does with new connections, and in what it does to the bytes of
// each direction. It gives way above TCP only; for packets that vanish, use netns.ts.

import { once } from 'node:events'
import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomLoopback } from './sshd.js'

/** What is done to the bytes of one direction of each connection. Offsets count from the connection's first byte. */
export interface DirectionFaults {
  /** Milliseconds by which each piece is held back; order is kept. */
  readonly delayMs?: number | undefined
  readonly bytesPerSecond?: number | undefined
  /** Pass everything on in pieces of 1 to 7 bytes. */
  readonly fragment?: boolean | undefined
  /** Invert the lowest bit of the byte at this offset. */
  readonly flipBitAt?: number | undefined
  /** After this many bytes, the connection meets its `fate`. */
  readonly after?: number | undefined
  /** Default `cut`: ends both sides (FIN). `reset` resets both (RST), `end` ends this direction alone, `hang` passes nothing on. */
  readonly fate?: 'cut' | 'reset' | 'end' | 'hang' | undefined
}

export interface TcpFaults {
  /** What becomes of a new connection. Default `forward`. `hang` accepts it and never says anything. */
  readonly accept?: 'forward' | 'hang' | 'reset' | undefined
  readonly toServer?: DirectionFaults | undefined
  readonly toClient?: DirectionFaults | undefined
}

/** Starts a proxy to that address, on an address of its own. */
export async function startTcpFault(
  target: { readonly host: string; readonly port: number },
  faults: TcpFaults = {},
): Promise<TcpFault> {
  const proxy = new TcpFault(target, faults)
  await proxy.listen()
  return proxy
}

interface Pair {
  readonly client: Socket
  readonly server: Socket | undefined
}

export class TcpFault implements AsyncDisposable {
  readonly host = randomLoopback()
  /** What is done from now on; may be replaced at any time. Offsets already passed are not made up for. */
  faults: TcpFaults
  /** How many connections were accepted so far. */
  accepted = 0
  readonly #target: { readonly host: string; readonly port: number }
  readonly #pairs = new Set<Pair>()
  readonly #stopped = new AbortController()
  #listener: Server | undefined
  #port = 0
  #gate = Promise.resolve()
  #openGate: () => void = () => undefined

  constructor(target: { readonly host: string; readonly port: number }, faults: TcpFaults) {
    this.#target = target
    this.faults = faults
  }

  get port(): number {
    return this.#port
  }

  /** How many connections of clients are open now. */
  get live(): number {
    return this.#pairs.size
  }

  /** Listens again after {@link refuse}, on the same port. */
  async listen(): Promise<void> {
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client))
    listener.listen(this.#port, this.host)
    await once(listener, 'listening')
    const address = listener.address()
    if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
    this.#port = address.port
    this.#listener = listener
  }

  /** Refuses new connections (ECONNREFUSED); the open ones go on. */
  async refuse(): Promise<void> {
    const closing = this.#listener
    this.#listener = undefined
    // Its 'close' would wait for the open connections; it stops listening at once.
    closing?.close()
  }

  /** Stops reading and writing on all connections and keeps them open, until {@link heal}. */
  blackhole(): void {
    this.#gate = new Promise((open) => {
      this.#openGate = open
    })
  }

  heal(): void {
    this.#openGate()
    this.#gate = Promise.resolve()
  }

  /** Resets all connections (RST to both sides). */
  reset(): void {
    for (const pair of this.#pairs) this.#end(pair, 'reset')
  }

  /** Closes all connections (FIN to both sides). */
  cut(): void {
    for (const pair of this.#pairs) this.#end(pair, 'cut')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort()
    this.heal()
    await this.refuse()
    const closing = [...this.#pairs].map(({ client }) => (client.closed ? undefined : once(client, 'close')))
    this.reset()
    await Promise.all(closing)
  }

  #accept(client: Socket): void {
    this.accepted++
    client.on('error', () => undefined)
    if (this.faults.accept === 'reset') {
      reset(client)
      return
    }
    if (this.faults.accept === 'hang') {
      this.#keep({ client, server: undefined })
      client.pause()
      return
    }
    const server = dial({ ...this.#target, allowHalfOpen: true, noDelay: true })
    const pair = { client, server }
    this.#keep(pair)
    server.on('error', () => reset(client))
    client.on('error', () => reset(server))
    client.on('close', () => server.destroy())
    void this.#pump(pair, client, server, () => this.faults.toServer ?? {})
    void this.#pump(pair, server, client, () => this.faults.toClient ?? {})
  }

  #keep(pair: Pair): void {
    this.#pairs.add(pair)
    pair.client.on('close', () => this.#pairs.delete(pair))
  }

  /** Carries one direction to its end, with its faults. Never rejects. */
  async #pump(pair: Pair, from: Socket, to: Socket, faults: () => DirectionFaults): Promise<void> {
    let passed = 0
    try {
      for await (const chunk of from.iterator({ destroyOnReturn: false })) {
        for (const piece of cutUp(chunk, passed, faults())) {
          const { delayMs = 0, bytesPerSecond, after = Infinity, fate = 'cut' } = faults()
          const pauseMs =
            delayMs + (bytesPerSecond === undefined ? 0 : (piece.length * 1000) / bytesPerSecond)
          if (pauseMs > 0) await sleep(pauseMs, undefined, { signal: this.#stopped.signal })
          await this.#gate
          const part = passed + piece.length > after ? piece.subarray(0, after - passed) : piece
          passed += part.length
          if (!to.write(part)) await once(to, 'drain', { signal: this.#stopped.signal })
          if (passed < after) continue
          if (fate === 'hang') return
          // Bytes and RST that a peer finds together look to libuv like a clean end: let it read the bytes first.
          if (fate === 'reset') await sleep(10, undefined, { signal: this.#stopped.signal })
          if (fate === 'end') to.end()
          else this.#end(pair, fate)
          return
        }
      }
      to.end()
    } catch {
      to.destroy()
    }
  }

  #end({ client, server }: Pair, how: 'cut' | 'reset'): void {
    for (const socket of [client, server]) {
      if (socket === undefined) continue
      if (how === 'reset') reset(socket)
      else socket.end(() => socket.destroy())
    }
  }
}

/**
 * Sends RST and nothing else. `resetAndDestroy()` of Node 20 to 24 sends FIN first, so that the peer sees a clean end;
 * the field is what it sets for `destroy()`. The test of `reset` tells when that changes.
 */
function reset(socket: Socket): void {
  // Between FIN and its completion libuv refuses RST, and Node would then keep the descriptor for good.
  const isEnding = socket.writableEnded && !socket.writableFinished
  Object.assign(socket, { resetAndClosing: !isEnding }).destroy()
}

/** The chunk in the pieces in which it is passed on, damaged where it is to be. */
function cutUp(chunk: Buffer, offset: number, faults: DirectionFaults): readonly Buffer[] {
  const { flipBitAt, fragment = false } = faults
  const at = flipBitAt === undefined ? -1 : flipBitAt - offset
  if (at >= 0 && at < chunk.length) chunk.writeUInt8(chunk.readUInt8(at) ^ 1, at)
  if (!fragment) return [chunk]
  const pieces: Buffer[] = []
  for (let start = 0; start < chunk.length; ) {
    const end = start + 1 + ((offset + start) % 7)
    pieces.push(chunk.subarray(start, end))
    start = end
  }
  return pieces
}
