// The hop as something that lives: opened on first use, joined by all who want it, counted, closed, opened again.
//
//   idle ──use──▶ opening ──▶ open ──close()──▶ closing ──▶ closed
//    ▲               │ ▲        │                              │
//    └────fails──────┘ │        └──peer gone──▶ lost           │
//                      └────────────use──────────┴─────────────┘

import { abortError, type Whereabouts } from '../aborted.js'
import { type Deferred, deferred } from '../deferred.js'
import { reportHop } from '../diagnostics.js'
import type { CallOptions } from '../dialer.js'
import { ConnectError, type HopRef, type Phase, SallyportError } from '../errors.js'
import type { Hop } from '../route/route.js'
import { watchDeparture } from './departure.js'
import { JoinedAttempt } from './joined-attempt.js'
import type { OpenHop } from './keepalive.js'
import type { AcquireOptions, Lease } from './lease.js'
import { Life } from './life.js'
import { openHop } from './open-hop.js'
import { PhaseClock, phaseLimits } from './phase-clock.js'
import { sessionTerms } from './session-terms.js'
import { Usage } from './usage.js'

/** `lost`: the peer, or a gateway on the way to it, went away. Whatever is not open opens on the next use. */
export type HopState = 'idle' | 'opening' | 'open' | 'closing' | 'closed' | 'lost'

/** How a life of a hop ended. */
export type HopEnd =
  | { readonly reason: 'closed' }
  | { readonly reason: 'lost'; readonly error: SallyportError }

/** A `work` lease keeps the process alive; a `gateway` lease is held by the hop above, whose own work counts. */
export type LeaseKind = 'work' | 'gateway'

export interface HopAcquireOptions extends AcquireOptions {
  /** How many hops the caller's route has. */
  readonly hopCount?: number
}

export interface HopNodeOptions {
  readonly ref: HopRef
  /** The hop before; undefined for the first. */
  readonly gateway: HopNode | undefined
  /** Close as soon as the last lease is released: what configuration made. */
  readonly closeWhenUnused: boolean
}

export class HopNode {
  readonly gateway: HopNode | undefined
  readonly #hop: Hop
  readonly #closeWhenUnused: boolean
  #ref: HopRef
  #state: HopState = 'idle'
  #attempt: JoinedAttempt<Life> | undefined
  #clock: PhaseClock | undefined
  #life: Life | undefined
  #closing: Promise<void> | undefined
  /** The ends of lives that were lost, while they are being cleared away. */
  readonly #burials = new Set<Promise<void>>()
  #ended: Deferred<HopEnd> = deferred()
  readonly #usage: Usage
  #isTarget = false

  constructor(hop: Hop, options: HopNodeOptions) {
    this.#hop = hop
    this.#ref = options.ref
    this.gateway = options.gateway
    this.#closeWhenUnused = options.closeWhenUnused
    this.#usage = new Usage({
      gateway: options.gateway?.usage,
      onWorking: (working) => this.#life?.setWorking(working),
    })
  }

  /** For the hop above. */
  get usage(): Usage {
    return this.#usage
  }

  /** As messages name it: counted within the longest route that it was opened for. */
  get ref(): HopRef {
    return this.#ref
  }

  get state(): HopState {
    return this.#state
  }

  /** Settles once for each life: when the hop has been closed or lost. Never rejects. */
  get ended(): Promise<HopEnd> {
    return this.#ended.promise
  }

  /** Opens the hop if need be, and leases it. Rejects with what went wrong on the way, or with the caller's abort. */
  async acquire(kind: LeaseKind, options: HopAcquireOptions = {}): Promise<Lease> {
    if (options.signal?.aborted) throw abortError(options.signal.reason, this.#where())
    const { hopCount = 0, check } = options
    const terms = sessionTerms(this.#hop.settings, process.env)
    check?.(terms)
    if (hopCount > this.#ref.count) this.#ref = Object.freeze({ ...this.#ref, count: hopCount })
    const isWork = kind === 'work'
    if (isWork) this.#isTarget = true
    const use = this.#usage.enter({ isWork })
    try {
      const life = await this.#join(options)
      this.#watch(life)
      const { ref, unref, end: release } = use
      return { hop: this.ref, session: life.session, terms, ref, unref, release }
    } catch (error) {
      use.end()
      throw error
    }
  }

  /** Ends this life, or the attempt to begin one. Resolves when nothing of it is left; never rejects. */
  close(): Promise<void> {
    if (this.#closing !== undefined && this.#attempt === undefined) return this.#closing
    const closing = this.#close(this.#closing).finally(() => {
      if (this.#closing === closing) this.#closing = undefined
    })
    this.#closing = closing
    return closing
  }

  async #join(options: CallOptions): Promise<Life> {
    if (this.#life !== undefined && this.#attempt === undefined) return this.#life
    const departure = watchDeparture(options, {
      aborted: (reason) => abortError(reason, this.#where()),
      late: (limit) => new ConnectError('TIMEOUT', `not open within ${limit} ms`, this.#where()),
    })
    try {
      // Too late to join that one: wait until it is cleared away.
      while (this.#attempt?.isLeaving === true) {
        const error = await Promise.race([departure.left, this.#attempt.settled()])
        if (error !== undefined) throw error
      }
      if (this.#life !== undefined) return this.#life
      this.#attempt ??= this.#begin()
      const life = await this.#attempt.join(departure.left)
      // It may have been closed, or lost, at the very moment it was open.
      if (this.#life !== life) throw await life.session.ended
      return life
    } finally {
      departure.dispose()
    }
  }

  #begin(): JoinedAttempt<Life> {
    if (this.#state !== 'idle') this.#ended = deferred()
    this.#state = 'opening'
    const startedAt = performance.now()
    const endWork = this.#usage.work()
    return new JoinedAttempt<Life>(
      (signal) => this.#open(signal, startedAt),
      (outcome) => {
        this.#attempt = undefined
        if ('value' in outcome) this.#onOpen(outcome.value)
        else this.#onFailed(outcome.error, startedAt)
        endWork()
      },
    )
  }

  async #open(outer: AbortSignal, startedAt: number): Promise<Life> {
    await this.#closing
    reportHop({ hop: this.ref, state: 'opening', durationMs: 0 })
    const expiry = new AbortController()
    const signal = AbortSignal.any([outer, expiry.signal])
    const clock = new PhaseClock(this.ref, phaseLimits(this.#hop.settings), (error) => expiry.abort(error))
    let gatewayLease: Lease | undefined
    try {
      gatewayLease = await this.gateway?.acquire('gateway', { signal: outer, hopCount: this.ref.count })
      this.#clock = clock
      const opened = await openHop(this.#hop, {
        ref: this.ref,
        gateway: gatewayLease?.session,
        clock,
        signal,
      })
      clock.stop()
      return new Life(opened, { hop: this.ref, gatewayLease, startedAt })
    } catch (error) {
      const failure = this.#asOurs(error, clock.phase)
      clock.stop(failure)
      gatewayLease?.release()
      await this.gateway?.closeIfUnused()
      throw failure
    } finally {
      this.#clock = undefined
    }
  }

  #onOpen(life: Life): void {
    this.#life = life
    this.#state = 'open'
    life.setWorking(this.#usage.isWorking)
    this.#watch(life)
    reportHop({ hop: this.ref, state: 'open', durationMs: life.ageMs })
    void life.session.ended.then((error) => this.#onEnded(life, error))
    void this.closeIfUnused()
  }

  #onFailed(error: SallyportError, startedAt: number): void {
    if (this.#closing === undefined) this.#state = 'idle'
    reportHop({ hop: this.ref, state: 'failed', durationMs: performance.now() - startedAt, error })
  }

  // Not by us: close() has taken the life out before it ends the session.
  #onEnded(life: Life, error: SallyportError): void {
    if (this.#life !== life) return
    this.#life = undefined
    this.#state = 'lost'
    reportHop({ hop: this.ref, state: 'lost', durationMs: life.ageMs, error })
    const burial = this.#bury(life).finally(() => this.#burials.delete(burial))
    this.#burials.add(burial)
    this.#ended.resolve({ reason: 'lost', error })
  }

  async #close(before: Promise<void> | undefined): Promise<void> {
    const reason = new SallyportError('CLOSED', 'the connection was closed', {
      hop: this.ref,
      phase: 'session',
    })
    const ended = this.#ended
    if (this.#attempt !== undefined || this.#life !== undefined) this.#state = 'closing'
    // At once, so that whoever comes from now on waits for a new life; an attempt may still bring one to be ended here.
    const open = this.#takeLife()
    await Promise.all([before, this.#attempt?.abort(reason), ...this.#burials])
    const life = open ?? this.#takeLife()
    if (life !== undefined) {
      await life.session.end(reason)
      await this.#bury(life)
      reportHop({ hop: this.ref, state: 'closed', durationMs: life.ageMs })
    }
    if (this.#attempt === undefined) this.#state = 'closed'
    ended.resolve({ reason: 'closed' })
  }

  #takeLife(): Life | undefined {
    const life = this.#life
    this.#life = undefined
    return life
  }

  async #bury(life: Life): Promise<void> {
    await life.bury()
    await this.gateway?.closeIfUnused()
  }

  /** Closes a hop that configuration made and that nobody uses any more. Resolves when that is done; never rejects. */
  async closeIfUnused(): Promise<void> {
    if (this.#closeWhenUnused && this.#usage.isUnused && this.#attempt === undefined) await this.close()
  }

  // The outermost hop notices a dead network, the innermost a dead target; those between need no watch of their own.
  #watch(life: Life): void {
    if (this.gateway !== undefined && !this.#isTarget) return
    life.keepAlive(this.ref, { settings: this.#hop.settings, before: this.#openBefore() })
  }

  /** The open hops on the way to this one, the first one first. */
  #openBefore(): readonly OpenHop[] {
    const { gateway } = this
    if (gateway === undefined) return []
    const session = gateway.#life?.session
    return [...gateway.#openBefore(), ...(session === undefined ? [] : [{ hop: gateway.ref, session }])]
  }

  /** The hop that is being opened now, and its phase. */
  #where(): Whereabouts {
    if (this.#clock !== undefined) return { hop: this.ref, phase: this.#clock.phase }
    if (this.#attempt !== undefined && this.gateway !== undefined) return this.gateway.#where()
    return { hop: this.ref, phase: 'dial' }
  }

  #asOurs(error: unknown, phase: Phase): SallyportError {
    if (error instanceof SallyportError) return error
    return new ConnectError('CONNECTION_FAILED', 'could not be opened', {
      hop: this.ref,
      phase,
      cause: error,
    })
  }
}
