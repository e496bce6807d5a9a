// A stream of a hop in the dress of net.Socket, for code that was written for sockets of the operating system. Decides
// what each member of net.Socket means for it; the stream below keeps back-pressure and half-closes.

import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { abortError } from '../aborted.js'
import type { Address } from '../dialer.js'
import { AbortError } from '../errors.js'
import type { DialledStream, DialOptions } from '../hops/dial-through.js'
import type { Lease } from '../hops/lease.js'
import { type Callback, ChannelWriter } from './channel-writer.js'
import { readConnectArguments } from './connect-arguments.js'
import { followSignal } from './follow-signal.js'
import { IdleTimer } from './idle-timer.js'
import { peerOf } from './peer-of.js'
import { closedError, connectError, lossError, SocketError } from './socket-error.js'
import type { SocketOptions } from './socket-options.js'
import { tellLate } from './tell-late.js'
import type { WrittenChunk } from './write-pieces.js'

/** Opens what the socket carries. */
export type OpenStream = (address: Address, options: DialOptions) => Promise<DialledStream>

const bufferBytes = 65_536

/**
 * It has no `_handle`, which is how node:tls and node:http2 see that it must be read and written as a stream. What only
 * a socket of the system can do (`setNoDelay`, `setKeepAlive`) is accepted and does nothing; it has no local address.
 */
export class ChannelSocket extends Socket {
  readonly #open: OpenStream
  readonly #signal: AbortSignal | undefined
  readonly #timeoutMs: number | undefined
  readonly #idle = new IdleTimer(() => this.emit('timeout'))
  #writer = new ChannelWriter(() => this.#idle.touch())
  /** Where it leads, once it is open. */
  #to: Address | undefined
  #attempt: AbortController | undefined
  #stream: Duplex | undefined
  #lease: Lease | undefined
  #holdsProcess = true
  #isClosedThere = false
  #bytesRead = 0
  #unfollow: () => void = () => {}

  constructor(open: OpenStream, { signal, timeoutMs, allowHalfOpen = false }: SocketOptions = {}) {
    const streamOptions = { allowHalfOpen, highWaterMark: bufferBytes }
    super(streamOptions)
    this.#open = open
    this.#signal = signal
    this.#timeoutMs = timeoutMs
    this.on('error', () => {})
    this.#unfollow = followSignal(signal, this.#abort)
  }

  /** Opens it, as net.Socket does; again, when it was closed before. */
  override connect(...given: readonly unknown[]): this {
    const { address, onConnect } = readConnectArguments(given)
    if (onConnect !== undefined) this.once('connect', onConnect)
    if (this.destroyed) this.#revive()
    if (this.destroyed) return this // by its signal
    if (this.connecting || this.#stream !== undefined) {
      const code = this.connecting ? 'EALREADY' : 'EISCONN'
      return this.destroy(new SocketError(code, { syscall: 'connect', to: address, cause: undefined }))
    }
    this.#begin(address)
    return this
  }

  /** Takes a stream that is open already. */
  adopt({ stream, lease }: DialledStream, to: Address): this {
    this.#to = to
    this.#stream = stream
    this.#lease = lease
    if (!this.#holdsProcess) lease.unref()
    stream
      .on('data', (chunk: Buffer) => {
        this.#bytesRead += chunk.length
        this.#idle.touch()
        if (!this.push(chunk)) stream.pause()
      })
      .on('end', () => {
        this.#idle.touch()
        this.push(null)
        // As with net.Socket, the end comes also to those who read nothing.
        this.read(0)
      })
      .on('error', (error) => this.destroy(lossError(error, 'read')))
      .on('closed there', () => this.#onClosedThere(stream))
      .on('close', () => this.#onClosedThere(stream))
    this.#writer.open(stream)
    return this
  }

  override _read(): void {
    this.#stream?.resume()
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Callback): void {
    this._writev([{ chunk, encoding }], done)
  }

  override _writev(chunks: readonly WrittenChunk[], done: Callback): void {
    if (this.#stream === undefined && !this.connecting) done(closedError())
    else this.#writer.write(chunks, done)
    if (this.#isClosedThere) this.#loseWrite()
  }

  override _final(done: Callback): void {
    this.#writer.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    assign(this, { connecting: false })
    this.#idle.stop()
    this.#unfollow()
    this.#attempt?.abort()
    this.#attempt = undefined
    this.#stream?.destroy()
    this.#writer.abandon(error ?? closedError())
    done(error)
    // As late as with net.Socket, where the system closes first.
    setImmediate(() => this.emit('close', error !== null))
  }

  override setTimeout(timeoutMs: number, onTimeout?: () => void): this {
    if (this.destroyed) return this
    assign(this, { timeout: timeoutMs })
    this.#idle.start(timeoutMs)
    if (onTimeout !== undefined) this[timeoutMs === 0 ? 'off' : 'once']('timeout', onTimeout)
    return this
  }

  /**
   * Has the socket keep the process alive while it is open, as it does by default. While the way to it is being opened,
   * or others work there, the process stays alive all the same.
   */
  override ref(): this {
    this.#holdsProcess = true
    this.#lease?.ref()
    return this
  }

  override unref(): this {
    this.#holdsProcess = false
    this.#lease?.unref()
    return this
  }

  /** Closes the channel at once. SSH knows no reset: what the far side sees is its server's business. */
  override resetAndDestroy(): this {
    return this.destroy(this.#stream === undefined && !this.connecting ? closedError() : undefined)
  }

  /**
   * A listener for `connect` or `ready` that comes late is called nevertheless: `tls.connect({ socket })` waits for
   * `connect` of every net.Socket without a `_handle`, also of one that is open (seen in Node 20, `TLSSocket._init`).
   */
  override once(event: string | symbol, listener: (...given: never[]) => void): this {
    super.once(event as string, listener as () => void)
    if (this.#stream === undefined || this.destroyed) return this
    if (event === 'connect' || event === 'ready') tellLate(this, event, listener)
    return this
  }

  #begin(address: Address): void {
    const attempt = new AbortController()
    this.#attempt = attempt
    assign(this, { connecting: true })
    this.#idle.touch()
    let far = false
    const onWay = () => {
      far = true
    }
    this.#open(address, { signal: attempt.signal, timeoutMs: this.#timeoutMs, onWay }).then(
      (dialled) => {
        if (this.#attempt === attempt) this.#onOpen(dialled, address)
        else dialled.stream.destroy()
      },
      (error: unknown) => {
        if (this.#attempt !== attempt) return
        this.destroy(error instanceof AbortError ? error : connectError(error, { to: address, far }))
      },
    )
  }

  #onOpen(dialled: DialledStream, address: Address): void {
    this.#attempt = undefined
    assign(this, { connecting: false })
    this.#idle.touch()
    this.adopt(dialled, address)
    this.emit('connect')
    this.emit('ready')
  }

  #onClosedThere(stream: Duplex): void {
    if (this.#stream !== stream) return
    this.#isClosedThere = true
    this.#loseWrite()
  }

  /**
   * The other side has closed, and does not take what is being written. Who reads at the moment gets what it said before;
   * who does not may be waiting for the write, and loses that, as with net.Socket.
   */
  #loseWrite(): void {
    if (this.destroyed || !this.#writer.isWriting || this.#writer.lose()) return
    const stream = this.#stream
    // It may have been connected again by then.
    const fail = () => this.#stream === stream && this.destroy(lossError(undefined, 'write'))
    const isOver = stream?.destroyed === true && this.readableLength === 0
    if (this.readableFlowing === true && !isOver) this.once('end', fail).once('pause', fail)
    else fail()
  }

  readonly #abort = (reason: unknown): void => {
    const hop = this.#lease?.hop
    // What is being opened knows better where it stands, and fails at once.
    if (this.#attempt !== undefined) this.#attempt.abort(reason)
    else
      this.destroy(abortError(reason, hop === undefined ? { phase: 'resolve' } : { hop, phase: 'session' }))
  }

  #revive(): void {
    this.#to = undefined
    this.#stream = undefined
    this.#lease = undefined
    this.#isClosedThere = false
    this.#bytesRead = 0
    this.#writer = new ChannelWriter(() => this.#idle.touch())
    // net.Socket replaces the method when a write after the other side's end would be a mistake.
    this.write = Socket.prototype.write
    const self: { _undestroy?: () => void } = this as object
    self._undestroy?.()
    this.#unfollow = followSignal(this.#signal, this.#abort)
  }

  // TypeScript takes the getters of net.Socket for plain properties, which no accessor in a class may stand in for.
  static {
    const facts: Record<string, (this: ChannelSocket) => unknown> = {
      pending() {
        return this.#stream === undefined || this.destroyed
      },
      bytesRead() {
        return this.#bytesRead
      },
      bytesWritten() {
        return this.#writer.bytes + this.writableLength - this.#writer.lengthUnderWay
      },
      bufferSize() {
        return this.#stream === undefined ? undefined : this.writableLength
      },
      remoteAddress() {
        return peerOf(this.#to).host
      },
      remotePort() {
        return peerOf(this.#to).port
      },
      remoteFamily() {
        return peerOf(this.#to).family
      },
    }
    for (const [name, get] of Object.entries(facts)) {
      Object.defineProperty(ChannelSocket.prototype, name, { get, configurable: true })
    }
  }
}

/** Sets what net.Socket keeps as plain fields, but shows as read-only. */
function assign(socket: Socket, fields: { readonly connecting?: boolean; readonly timeout?: number }): void {
  Object.assign(socket, fields)
}
