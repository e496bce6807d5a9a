// Several gateways for one host: whichever leads there first is used. Which one that was is remembered, and tried first
// the next time.

import type { Duplex } from 'node:stream'
import { invalid } from '../config/kinds.js'
import { type Address, type CallOptions, type Dialer, formatAddress } from '../dialer.js'
import { AbortError, SallyportError } from '../errors.js'
import { checkAddress, checkCallOptions, checkDuration, checkNames, checkOption } from '../option-check.js'
import { printable } from '../printable.js'
import { dialDirectly } from './directly.js'
import { type Attempts, firstStream, type Tried, withSlack } from './first-stream.js'

/** What {@link firstOf} can try: anything that dials, or `false` for directly. A `Connection` is named by its host. */
export type TriedGateway = (Dialer & { readonly host?: string }) | false

export interface FirstOfOptions {
  /**
   * One after the other when the one before has failed; or all of them, each `staggerMs` after the one before, or as soon
   * as that has failed, and the first one that leads there is used. Default `in order`.
   */
  readonly try?: 'in order' | 'raced' | undefined
  /** Milliseconds for each gateway to lead there. Default 10000. */
  readonly limitMs?: number | undefined
  /** Milliseconds between the starts of a race. Default 250. */
  readonly staggerMs?: number | undefined
}

const optionNames = { try: true, limitMs: true, staggerMs: true } as const satisfies Record<
  keyof FirstOfOptions,
  true
>

/**
 * A gateway that is the first of several to lead to the host. What was opened by those that came too late is closed; a
 * `Connection` among them stays open, as it is borrowed. `dial` rejects with `SallyportError` GATEWAYS_FAILED, which says
 * what became of each and has their errors in an `AggregateError` as its cause.
 * Throws ConfigError and TypeError for what is no gateway.
 */
export function firstOf(gateways: readonly TriedGateway[], options: FirstOfOptions = {}): Dialer {
  checkNames(options, optionNames)
  const { try: how = 'in order', limitMs = 10_000, staggerMs = 250 } = options
  checkOption('try', how === 'in order' || how === 'raced', 'in order, or raced')
  checkDuration('limitMs', limitMs)
  checkDuration('staggerMs', staggerMs)
  if (!Array.isArray(gateways) || gateways.length === 0) {
    throw invalid('firstOf', 'must have a list of gateways that is not empty')
  }
  const tried = gateways.map(triedOf)
  return new FirstOf(tried, { limitMs, staggerMs: how === 'raced' ? staggerMs : undefined })
}

function triedOf(gateway: TriedGateway): Tried {
  if (gateway === false) return { name: 'directly', dial: dialDirectly }
  if (typeof gateway !== 'object' || gateway === null || typeof gateway.dial !== 'function') {
    throw invalid('firstOf', 'each gateway must be a Connection, an object with dial, or false')
  }
  const name = printable(gateway.name ?? gateway.host ?? 'a dialer', 100)
  return { name, dial: async (address, call) => gateway.dial(address, call) }
}

class FirstOf implements Dialer {
  readonly name: string
  readonly dialLimitMs: number
  readonly #tried: readonly Tried[]
  readonly #attempts: Attempts
  #last: Tried | undefined

  constructor(tried: readonly Tried[], attempts: Attempts) {
    this.name = `first of ${tried.map(({ name }) => name).join(', ')}`
    const { limitMs, staggerMs } = attempts
    const waits = tried.length - 1
    // So that what became of the last one is told, and not that the time was over.
    this.dialLimitMs = withSlack(limitMs + waits * (staggerMs ?? limitMs))
    this.#tried = tried
    this.#attempts = attempts
  }

  async dial(address: Address, options: CallOptions = {}): Promise<Duplex> {
    checkAddress(address)
    checkCallOptions(options)
    const { signal, timeoutMs } = options
    const limit = new AbortController()
    const late = (): void =>
      limit.abort(
        new SallyportError('TIMEOUT', `no stream by ${this.name} within ${timeoutMs} ms`, { phase: 'dial' }),
      )
    const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs)
    const both = signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal])
    try {
      return await this.#first(address, both)
    } catch (error) {
      if (!both.aborted) throw error
      const { reason } = both
      throw reason instanceof SallyportError ? reason : new AbortError({ phase: 'dial', cause: reason })
    } finally {
      clearTimeout(timer)
    }
  }

  async #first(address: Address, signal: AbortSignal): Promise<Duplex> {
    const last = this.#last
    const order = last === undefined ? this.#tried : [last, ...this.#tried.filter((tried) => tried !== last)]
    const failures = new Map<Tried, unknown>()
    const onFailed = (tried: Tried, error: unknown): void => {
      failures.set(tried, error)
      // Its time is over: who has failed is not the one to begin with any more.
      if (this.#last === tried) this.#last = undefined
    }
    const found = await firstStream(order, { ...this.#attempts, address, signal, onFailed })
    if (found === undefined) throw allFailed(address, failures)
    this.#last = found.tried
    return found.stream
  }
}

function allFailed(address: Address, failures: ReadonlyMap<Tried, unknown>): SallyportError {
  const each = [...failures].map(([{ name }, error]) => `${name}: ${messageOf(error)}`)
  const what = failures.size === 1 ? 'the gateway did not lead' : `none of ${failures.size} gateways led`
  return new SallyportError('GATEWAYS_FAILED', `${what} to ${formatAddress(address)}: ${each.join('; ')}`, {
    phase: 'dial',
    cause: new AggregateError(failures.values(), each.join('; ')),
  })
}

function messageOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error), 400)
}
