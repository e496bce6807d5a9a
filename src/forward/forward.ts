// What a program holds of a forward: where it listens, what it has carried, and how it is ended. The work is done
// by forward-work.ts and by what feeds it.

import { EventEmitter } from 'node:events'
import { inspect } from 'node:util'
import { type Address, formatAddress } from '../dialer.js'
import type { SallyportError } from '../errors.js'

/** One connection that a forward carries, or was to carry. */
export interface ForwardedConnection {
  /** Counts the connections of this forward, from 1. */
  readonly id: number
  /** Who connected; `undefined` where that has no name, as on a unix socket. */
  readonly from: Address | undefined
  /** Where it leads; `undefined` while, or because, that was never learned. */
  readonly to: Address | undefined
}

/** A connection that a forward did not, or could not, carry. */
export interface RefusedConnection extends ForwardedConnection {
  /** Nearly always a `SallyportError`; else what a function of the caller's threw. */
  readonly error: Error
}

/** A connection that a forward has carried to its end. */
export interface EndedConnection extends ForwardedConnection {
  /** Bytes towards the far side of the SSH connection. */
  readonly bytesSent: number
  readonly bytesReceived: number
  /** Milliseconds from its arrival until both sides were gone. */
  readonly durationMs: number
  /** What cut it short; `undefined` when both sides ended it. */
  readonly error: Error | undefined
}

/** What a forward tells. There is no `error` among them: a connection that fails is that connection's own matter. */
export interface ForwardEvents {
  /** A connection is open on both sides. */
  connection: [connection: ForwardedConnection]
  /** A connection that was open is gone on both sides. */
  connectionClosed: [connection: EndedConnection]
  /** A connection was turned away; its client has been told by whatever its protocol has for that, else by a reset. */
  refused: [connection: RefusedConnection]
  /** A remote forward has lost its SSH connection, and nobody listens for it until `listening`. */
  lost: [error: SallyportError]
  /** A remote forward listens again, perhaps on another port. */
  listening: [addresses: readonly Address[]]
  /** It has ended, and nothing of it is left. */
  close: []
}

/** What a forward has done so far. */
export interface ForwardCounts {
  /** Connections that have arrived and are not gone yet. */
  readonly open: number
  /** Connections that have arrived, in all. */
  readonly accepted: number
  /** How many of them were turned away. */
  readonly refused: number
  /** Bytes towards the far side of the SSH connection. */
  readonly bytesSent: number
  readonly bytesReceived: number
}

export type ForwardKind = 'local' | 'remote' | 'dynamic'

/** Does the work of a forward. */
export interface ForwardSource {
  readonly kind: ForwardKind
  readonly addresses: readonly Address[]
  readonly to: Address | undefined
  readonly counts: ForwardCounts
  readonly closed: Promise<void>
  close(): Promise<void>
}

/**
 * A forward that is listening. It keeps the process alive until it is closed, by `close()`, by the signal that it was
 * made with, or with its connection. Made by `forwardLocal`, `forwardRemote` and `forwardDynamic`.
 */
export class Forward extends EventEmitter<ForwardEvents> implements AsyncDisposable {
  readonly kind: ForwardKind
  /** Settles once, when the forward has ended and nothing of it is left. Never rejects. */
  readonly closed: Promise<void>
  readonly #source: ForwardSource

  /** @internal */
  constructor(source: ForwardSource) {
    super()
    this.#source = source
    this.kind = source.kind
    this.closed = source.closed
  }

  /** Where it listens: the first of `addresses`. */
  get address(): Address {
    const [first] = this.#source.addresses
    if (first === undefined) throw new RangeError('a forward without an address')
    return first
  }

  /** Everywhere it listens, with the ports as they are; on the far side for a remote forward. */
  get addresses(): readonly Address[] {
    return this.#source.addresses
  }

  /** Where its connections lead; `undefined` for a proxy, whose clients ask for that. */
  get to(): Address | undefined {
    return this.#source.to
  }

  /** As they are now. */
  get counts(): ForwardCounts {
    return this.#source.counts
  }

  /**
   * Stops listening and resets the connections under way. Resolves when nothing is left; never rejects. Safe at any
   * moment, and as often as one likes.
   */
  close(): Promise<void> {
    return this.#source.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  toJSON(): {
    readonly kind: ForwardKind
    readonly addresses: readonly string[]
    readonly counts: ForwardCounts
  } {
    return { kind: this.kind, addresses: this.addresses.map(formatAddress), counts: this.counts }
  }

  [inspect.custom](): string {
    return `Forward(${this.kind}, ${this.addresses.map(formatAddress).join(', ')})`
  }
}
