// One connection of a forward from its arrival until it is joined with its other side, turned away, or left by its
// client. Exactly one of these becomes of it.

import type { Duplex } from 'node:stream'
import type { Address } from '../dialer.js'
import { endSoon, Relay, resetStream, type Sides } from './relay.js'

/** Is told what becomes of a connection. */
export interface ConnectionFate {
  joined(relay: Relay): void
  refused(error: Error): void
  /** Nothing is left of it. */
  gone(): void
}

export class PendingConnection {
  readonly id: number
  readonly from: Address | undefined
  /** By `performance.now()`. */
  readonly arrivedAt = performance.now()
  /** Where it leads, or is to lead: set as soon as that is known. */
  to: Address | undefined
  readonly #stream: Duplex | undefined
  readonly #fate: ConnectionFate
  readonly #departure = new AbortController()
  #relay: Relay | undefined
  #isDecided = false

  constructor(
    id: number,
    arrival: { readonly from?: Address | undefined; readonly stream?: Duplex | undefined },
    fate: ConnectionFate,
  ) {
    this.id = id
    this.from = arrival.from
    this.#stream = arrival.stream
    this.#fate = fate
    this.#stream?.on('error', () => {})
    this.#stream?.once('close', this.#onClose)
  }

  /** Aborted when the client has left, or the forward is being closed, before the other side was there. */
  get signal(): AbortSignal {
    return this.#departure.signal
  }

  /** What carries it, once it is joined. */
  get relay(): Relay | undefined {
    return this.#relay
  }

  /** Both sides are open: carries bytes between them until both are gone. Destroys them if it is too late for that. */
  join(sides: Sides): void {
    this.#stream?.off('close', this.#onClose)
    if (this.signal.aborted || this.#isDecided) {
      resetStream(sides.here)
      resetStream(sides.there)
      this.#end(undefined)
      return
    }
    this.#isDecided = true
    this.#relay = new Relay(sides)
    this.#fate.joined(this.#relay)
  }

  /**
   * Turns it away. The stream that it arrived on is reset, but where an answer was written and the stream was ended:
   * then that is delivered first. When the client has left before, that is the end of it, and nobody is told.
   */
  refuse(error: unknown): void {
    this.#end(error instanceof Error ? error : new Error(String(error)))
  }

  /** Ends it whatever becomes of it: the forward is being closed. */
  cut(error: Error): void {
    this.#departure.abort(error)
    if (this.#relay !== undefined) this.#relay.cut(error)
    else if (this.#stream !== undefined) resetStream(this.#stream)
  }

  /** The relay has ended. */
  leave(): void {
    this.#fate.gone()
  }

  #onClose = (): void => {
    this.#departure.abort()
  }

  #end(error: Error | undefined): void {
    if (this.#isDecided) return
    this.#isDecided = true
    const stream = this.#stream
    stream?.off('close', this.#onClose)
    if (error !== undefined && !this.signal.aborted) this.#fate.refused(error)
    if (stream === undefined || stream.closed) {
      this.#fate.gone()
      return
    }
    stream.once('close', () => this.#fate.gone())
    if (stream.writableEnded) {
      stream.resume() // what the client still says is dropped, so that its close is no reset
      endSoon(stream)
    } else resetStream(stream)
  }
}
