// A route while it is walked: what each hop told on node:diagnostics_channel, gathered hop by hop.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  type HopEvent,
  type LinkDocument,
  linkDocument,
  type PhaseEvent,
  type Route,
  type WarningEvent,
} from '../index.js'
import { type CheckedPhase, checkedPhases } from './checked-phases.js'

/** One hop and how far it came. */
export interface CheckedHop {
  readonly host: string
  readonly hostName: string
  readonly user: string
  readonly port: number
  readonly link: LinkDocument
  readonly state: 'open' | 'failed' | 'not reached'
  /** Milliseconds of all phases together. */
  readonly durationMs: number
  readonly phases: readonly CheckedPhase[]
}

/** Something unsafe that did not fail: in the route, or met on the way. */
export interface CheckWarning {
  /** Zero for the hop that is dialled first. */
  readonly hop: number | undefined
  readonly message: string
}

/** Gathers from its making until it is disposed. */
export class RouteWalk implements Disposable {
  readonly #route: Route
  readonly #onHop: (hop: CheckedHop, index: number) => void
  readonly #phases = new Map<number, PhaseEvent[]>()
  readonly #states = new Map<number, CheckedHop['state']>()
  readonly #warnings: CheckWarning[]

  /** `onHop` is called for each hop that is open or has failed, as soon as that is so. */
  constructor(route: Route, onHop: (hop: CheckedHop, index: number) => void) {
    this.#route = route
    this.#onHop = onHop
    this.#warnings = route.warnings.map((message) => ({ hop: undefined, message }))
    subscribe('sallyport:phase', this.#onPhase)
    subscribe('sallyport:hop', this.#onState)
    subscribe('sallyport:warning', this.#onWarning)
  }

  get hops(): readonly CheckedHop[] {
    return this.#route.hops.map((_, index) => this.#hopAt(index))
  }

  get warnings(): readonly CheckWarning[] {
    return this.#warnings
  }

  [Symbol.dispose](): void {
    unsubscribe('sallyport:phase', this.#onPhase)
    unsubscribe('sallyport:hop', this.#onState)
    unsubscribe('sallyport:warning', this.#onWarning)
  }

  #hopAt(index: number): CheckedHop {
    const hop = this.#route.hops[index]
    if (hop === undefined) throw new RangeError(`the route has no hop ${index}`)
    const { host, hostName, user, port, link } = hop
    const phases = checkedPhases(link.kind, this.#phases.get(index) ?? [])
    const durationMs = phases.reduce((sum, phase) => sum + phase.durationMs, 0)
    const state = this.#states.get(index) ?? 'not reached'
    return { host, hostName, user, port, link: linkDocument(hop), state, durationMs, phases }
  }

  readonly #onPhase = (event: unknown): void => {
    const phase = event as PhaseEvent
    const known = this.#phases.get(phase.hop.index)
    if (known === undefined) this.#phases.set(phase.hop.index, [phase])
    else known.push(phase)
  }

  // The hop that failed says so first; those behind it fail with it, and were never reached.
  readonly #onState = (event: unknown): void => {
    const { hop, state } = event as HopEvent
    const hasFailed = [...this.#states.values()].includes('failed')
    if (hasFailed || (state !== 'open' && state !== 'failed')) return
    this.#states.set(hop.index, state)
    this.#onHop(this.#hopAt(hop.index), hop.index)
  }

  readonly #onWarning = (event: unknown): void => {
    const { hop, message } = event as WarningEvent
    // The route has said so, and is said to be about no one hop.
    if (this.#route.warnings.includes(message)) return
    this.#warnings.push({ hop: hop?.index, message })
  }
}
