// The clock of one hop being opened: each phase has its own limit, which stands still while a person may be asked.

import type { Settings } from '../config/settings.js'
import { type PhaseFacts, reportPhase } from '../diagnostics.js'
import { ConnectError, type HopRef, type Phase, type SallyportError } from '../errors.js'

/** The phases that have a limit. */
export type TimedPhase = Exclude<Phase, 'resolve' | 'session' | 'listen'>

/** Milliseconds for each phase; 0 for no limit. */
export type PhaseLimits = { readonly [P in TimedPhase]: number }

/** The limits that a hop's settings ask for. `connectTimeoutMs` is ssh's ConnectTimeout: up to the authentication. */
export function phaseLimits({ connectTimeoutMs, authTimeoutMs }: Settings): PhaseLimits {
  return {
    dial: connectTimeoutMs ?? 10_000,
    channel: connectTimeoutMs ?? 10_000,
    version: connectTimeoutMs ?? 10_000,
    'key-exchange': connectTimeoutMs ?? 20_000,
    'host-key': connectTimeoutMs ?? 20_000,
    authentication: authTimeoutMs,
  }
}

export class PhaseClock {
  readonly #hop: HopRef
  readonly #limits: PhaseLimits
  readonly #expired: (error: SallyportError) => void
  #phase: TimedPhase | undefined
  #restPhase: Phase = 'dial'
  #timer: NodeJS.Timeout | undefined
  /** When the running stretch of this phase began, and what the phase took before it. */
  #since = 0
  #spentMs = 0
  #pauses = 0
  #allowedMs: number | undefined
  #detail: string | undefined
  #learned: PhaseFacts = {}

  /** `expired` is called at most once for each phase, with the error to fail with. */
  constructor(hop: HopRef, limits: PhaseLimits, expired: (error: SallyportError) => void) {
    this.#hop = hop
    this.#limits = limits
    this.#expired = expired
  }

  /** The phase that is under way; `session` once all are over. */
  get phase(): Phase {
    return this.#phase ?? this.#restPhase
  }

  /** Ends the phase before and begins the next. Coming back to a phase begins its limit anew. */
  enter(phase: TimedPhase): void {
    this.#end()
    this.#phase = phase
    this.#spentMs = 0
    this.#allowedMs = undefined
    this.#since = performance.now()
    if (this.#pauses === 0) this.#arm()
  }

  /** Gives the phase that is under way this limit in place of its own. */
  allow(limitMs: number): void {
    clearTimeout(this.#timer)
    this.#allowedMs = limitMs
    if (this.#pauses === 0) this.#arm()
  }

  /** What was learned in this phase, for the people who watch. */
  note(detail: string): void {
    this.#detail = detail
  }

  /** What was learned in this phase, for the programs that watch. */
  learn(facts: PhaseFacts): void {
    this.#learned = { ...this.#learned, ...facts }
  }

  /** Stands still while `work`, which waits for a person or may, is under way. */
  async pausedDuring<T>(work: () => Promise<T>): Promise<T> {
    if (this.#pauses === 0) {
      this.#spentMs += performance.now() - this.#since
      clearTimeout(this.#timer)
    }
    this.#pauses += 1
    try {
      return await work()
    } finally {
      this.#pauses -= 1
      if (this.#pauses === 0 && this.#phase !== undefined) {
        this.#since = performance.now()
        this.#arm()
      }
    }
  }

  /** Ends the last phase, with the error that ended it if it failed. */
  stop(error?: SallyportError): void {
    this.#end(error)
    this.#restPhase = this.#phase !== undefined && error !== undefined ? this.#phase : 'session'
    this.#phase = undefined
  }

  #arm(): void {
    const phase = this.#phase
    if (phase === undefined) return
    const limit = this.#allowedMs ?? this.#limits[phase]
    if (limit === 0) return
    const started = this.#since
    this.#timer = setTimeout(
      // A busy process may find the answer only after the timer: let it look at its sockets first.
      () =>
        setImmediate(
          () =>
            this.#pauses === 0 &&
            this.#since === started &&
            this.#phase === phase &&
            this.#expire(phase, limit),
        ),
      Math.max(0, limit - this.#spentMs),
    )
  }

  #expire(phase: TimedPhase, limit: number): void {
    const what = `no ${awaited[phase]} within ${limit} ms`
    this.#expired(new ConnectError('TIMEOUT', what, { hop: this.#hop, phase }))
  }

  #end(error?: SallyportError): void {
    clearTimeout(this.#timer)
    if (this.#phase === undefined) return
    const running = this.#pauses === 0 ? performance.now() - this.#since : 0
    reportPhase({
      hop: this.#hop,
      phase: this.#phase,
      durationMs: this.#spentMs + running,
      error,
      detail: this.#detail,
      learned: this.#learned,
    })
    this.#detail = undefined
    this.#learned = {}
  }
}

const awaited: Record<TimedPhase, string> = {
  dial: 'connection',
  channel: 'answer to the opening of a channel',
  version: 'SSH version line',
  'key-exchange': 'completed key exchange',
  'host-key': 'verdict on the host key',
  authentication: 'completed authentication',
}
