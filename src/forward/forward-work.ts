// The work behind a forward: its connections from their arrival to their end, what is counted and told of them, and
// the closing of it all. What listens, and where a connection leads, is decided by its feeders.

import type { Duplex } from 'node:stream'
import { deferred } from '../deferred.js'
import { reportForward } from '../diagnostics.js'
import type { Address } from '../dialer.js'
import { type HopRef, SallyportError } from '../errors.js'
import {
  Forward,
  type ForwardCounts,
  type ForwardEvents,
  type ForwardKind,
  type ForwardSource,
} from './forward.js'
import { PendingConnection } from './pending-connection.js'
import type { Relay } from './relay.js'

export interface ForwardWorkOptions {
  readonly kind: ForwardKind
  readonly hop: HopRef
  /** Where it listens by now. */
  readonly addresses: readonly Address[]
  /** Where all its connections lead; `undefined` for a proxy. */
  readonly to: Address | undefined
  /** Stops listening. Resolves when nothing of it is left; never rejects. */
  readonly stopListening: () => Promise<void>
  /** Aborting it closes the forward. */
  readonly signal?: AbortSignal | undefined
}

export class ForwardWork implements ForwardSource {
  readonly kind: ForwardKind
  readonly closed: Promise<void>
  /** The face of this work. */
  readonly forward: Forward
  readonly #options: ForwardWorkOptions
  readonly #connections = new Set<PendingConnection>()
  readonly #settleClosed: () => void
  readonly #closing = new AbortController()
  #addresses: readonly Address[]
  #isClosing = false
  #accepted = 0
  #refused = 0
  #bytesSent = 0
  #bytesReceived = 0

  constructor(options: ForwardWorkOptions) {
    const { promise, resolve } = deferred<void>()
    this.#options = options
    this.kind = options.kind
    this.#addresses = Object.freeze([...options.addresses])
    this.closed = promise
    this.#settleClosed = resolve
    this.forward = new Forward(this)
    this.#report('listening')
    const { signal } = options
    const onAbort = (): void => void this.close()
    signal?.addEventListener('abort', onAbort)
    void promise.then(() => signal?.removeEventListener('abort', onAbort))
    if (signal?.aborted) onAbort()
  }

  get addresses(): readonly Address[] {
    return this.#addresses
  }

  /** Aborted when the forward is being closed; what is not one of its connections has to end then by itself. */
  get signal(): AbortSignal {
    return this.#closing.signal
  }

  get to(): Address | undefined {
    return this.#options.to
  }

  get counts(): ForwardCounts {
    let bytesSent = this.#bytesSent
    let bytesReceived = this.#bytesReceived
    for (const { relay } of this.#connections) {
      bytesSent += relay?.bytesSent ?? 0
      bytesReceived += relay?.bytesReceived ?? 0
    }
    return {
      open: this.#connections.size,
      accepted: this.#accepted,
      refused: this.#refused,
      bytesSent,
      bytesReceived,
    }
  }

  /**
   * A connection has arrived. `stream` is what it arrived on, where there is one already: when that closes before both
   * sides are joined, the client has left, and the connection's signal is aborted.
   */
  begin(arrival: {
    readonly from?: Address | undefined
    readonly stream?: Duplex | undefined
  }): PendingConnection {
    this.#accepted += 1
    const connection = new PendingConnection(this.#accepted, arrival, {
      joined: (relay) => this.#onJoined(connection, relay),
      refused: (error) => {
        this.#refused += 1
        const { id, from, to } = connection
        this.#tell('refused', { id, from, to, error })
      },
      gone: () => {
        this.#connections.delete(connection)
        if (this.#connections.size === 0) this.#onIdle()
      },
    })
    this.#connections.add(connection)
    if (this.#isClosing) connection.cut(this.#closedError())
    return connection
  }

  /** A remote forward has lost its SSH connection. */
  lost(error: SallyportError): void {
    this.#report('lost', error)
    this.#tell('lost', error)
  }

  /** A remote forward listens again. */
  listening(addresses: readonly Address[]): void {
    this.#addresses = Object.freeze([...addresses])
    this.#report('listening')
    this.#tell('listening', this.#addresses)
  }

  close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true
      void this.#close()
    }
    return this.closed
  }

  #onIdle: () => void = () => {}

  async #close(): Promise<void> {
    const error = this.#closedError()
    this.#closing.abort(error)
    const stopped = this.#options.stopListening()
    for (const connection of [...this.#connections]) connection.cut(error)
    await stopped
    // One that arrived while the listening was ended is cut as it begins, but takes its time as well.
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve
      })
    }
    this.#report('closed')
    this.#tell('close')
    this.#settleClosed()
  }

  #onJoined(connection: PendingConnection, relay: Relay): void {
    const { id, from, to, arrivedAt } = connection
    this.#tell('connection', { id, from, to })
    void relay.ended.then((error) => {
      const { bytesSent, bytesReceived } = relay
      this.#bytesSent += bytesSent
      this.#bytesReceived += bytesReceived
      connection.leave()
      const durationMs = performance.now() - arrivedAt
      this.#tell('connectionClosed', { id, from, to, bytesSent, bytesReceived, durationMs, error })
    })
  }

  #closedError(): SallyportError {
    return new SallyportError('CLOSED', 'the forward was closed', {
      hop: this.#options.hop,
      phase: 'session',
    })
  }

  #report(state: 'listening' | 'lost' | 'closed', error?: SallyportError): void {
    const { kind, hop } = this.#options
    for (const address of this.#addresses) reportForward({ hop, kind, state, address, error })
  }

  // What a listener throws is the program's own, and must not leave this work half done.
  #tell<Name extends keyof ForwardEvents>(name: Name, ...told: ForwardEvents[Name]): void {
    try {
      ;(this.forward.emit as (name: Name, ...told: ForwardEvents[Name]) => boolean).call(
        this.forward,
        name,
        ...told,
      )
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }
}
