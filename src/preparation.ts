// What a connection does before its first use: it asks the configured sources for its route, once. What it has found
// stays as it is, whatever the files say later; what failed is tried again by the next use.

import { abortError } from './aborted.js'
import { type Deferred, deferred } from './deferred.js'
import type { CallOptions } from './dialer.js'
import { SallyportError } from './errors.js'
import { watchDeparture } from './hops/departure.js'
import type { HopEnd, HopNode, HopState } from './hops/hop-node.js'
import { JoinedAttempt } from './hops/joined-attempt.js'
import type { GatewayConnection } from './route/gateway.js'
import type { Route } from './route/route.js'

/** A route, and the node of its target. */
export interface Prepared {
  readonly route: Route
  readonly node: HopNode
  /** The connection that was passed in as the gateway. */
  readonly gateway: GatewayConnection | undefined
  /** What a person should know before the route is used, one line each. */
  readonly remarks: readonly string[]
}

export class Preparation {
  readonly #host: string
  readonly #prepare: (signal: AbortSignal) => Promise<Prepared>
  #prepared: Prepared | undefined
  #attempt: JoinedAttempt<Prepared> | undefined
  #isClosed = false
  #ended: Deferred<HopEnd> = deferred()

  constructor(host: string, prepare: (signal: AbortSignal) => Promise<Prepared>) {
    this.#host = host
    this.#prepare = prepare
  }

  /** What was found, once it was. */
  get prepared(): Prepared | undefined {
    return this.#prepared
  }

  get state(): HopState {
    if (this.#prepared !== undefined) return this.#prepared.node.state
    return this.#isClosed ? 'closed' : 'idle'
  }

  get ended(): Promise<HopEnd> {
    return this.#prepared?.node.ended ?? this.#ended.promise
  }

  /** Finds the route, or joins those who are waiting for it. Rejects with ConfigError, or with the caller's departure. */
  async get(call: CallOptions): Promise<Prepared> {
    if (call.signal?.aborted) throw abortError(call.signal.reason, { phase: 'resolve' })
    if (this.prepared !== undefined) return this.prepared
    const departure = watchDeparture(call, {
      aborted: (reason) => abortError(reason, { phase: 'resolve' }),
      late: (limit) => this.#failure('TIMEOUT', `its route was not found within ${limit} ms`),
    })
    try {
      while (this.#attempt?.isLeaving === true) {
        const error = await Promise.race([departure.left, this.#attempt.settled()])
        if (error !== undefined) throw error
      }
      if (this.prepared !== undefined) return this.prepared
      this.#attempt ??= this.#begin()
      return await this.#attempt.join(departure.left)
    } finally {
      departure.dispose()
    }
  }

  /** Ends what is under way, and the node. Never rejects. */
  async close(): Promise<void> {
    if (this.#prepared !== undefined) return this.#prepared.node.close()
    const ended = this.#ended
    await this.#attempt?.abort(this.#failure('CLOSED', 'the connection was closed'))
    // It may have been found at this very moment.
    await this.prepared?.node.close()
    if (this.#attempt === undefined) this.#isClosed = true
    ended.resolve({ reason: 'closed' })
  }

  #failure(code: 'CLOSED' | 'TIMEOUT', what: string): SallyportError {
    return new SallyportError(code, `${this.#host}: ${what}`, { phase: 'resolve' })
  }

  #begin(): JoinedAttempt<Prepared> {
    if (this.#isClosed) this.#ended = deferred()
    this.#isClosed = false
    return new JoinedAttempt<Prepared>(
      async (signal) => {
        const prepared = await this.#prepare(signal)
        signal.throwIfAborted()
        return prepared
      },
      (outcome) => {
        this.#attempt = undefined
        if (!('value' in outcome)) return
        this.#prepared = outcome.value
        void outcome.value.node.ended.then(this.#ended.resolve)
      },
    )
  }
}
