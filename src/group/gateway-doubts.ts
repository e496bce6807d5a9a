// The gateways of which a member has brought bad news. One of those behind such a gateway tries it again while the others
// wait; when it fails again, all of them have failed, and nobody dials it any more.

import { abortError } from '../aborted.js'
import { type Deferred, deferred } from '../deferred.js'
import { AuthError, ConfigError, HostKeyError, SallyportError } from '../errors.js'
import { interruptible } from '../interruptible.js'
import { backOff, mostTries } from './back-off.js'
import { sameFailure } from './same-failure.js'
import type { GatewayFailure } from './way.js'

interface Doubt {
  /** The latest news. */
  error: SallyportError
  isCondemned: boolean
  /** Somebody is trying it. */
  isTried: boolean
  /** How often the gateway was too busy. */
  busyTries: number
  /** Resolves when any of this has changed. */
  changed: Deferred<void>
}

/** Lets one member dial through its gateways, until `end`. */
export interface Passage {
  /** No gateway on the way has come into doubt since, but those that this member tries. */
  readonly isValid: boolean
  /** Whether this member is the one who tries that gateway. */
  isTrial(gateway: string): boolean
  /** So many of the gateways, from the first one on, were found to be open; of the others nothing is known. Idempotent. */
  end(openGateways: number): void
}

export class GatewayDoubts {
  readonly #doubts = new Map<string, Doubt>()
  /** What has been heard already: many members bring news of the same end. */
  readonly #heard = new WeakSet<SallyportError>()

  /**
   * Waits until the gateways are beyond doubt, or this member is the one who tries. Rejects with the failure of one that
   * nobody dials any more, and when the signal is aborted.
   */
  async pass(gateways: readonly string[], signal: AbortSignal): Promise<Passage> {
    const tried = new Map<number, Doubt>()
    const end = (openGateways: number): void => {
      for (const [index, doubt] of tried) this.#give(gateways[index] ?? '', doubt, index < openGateways)
      tried.clear()
    }
    try {
      for (const [index, gateway] of gateways.entries()) {
        const doubt = await this.#settle(gateway, signal)
        if (doubt === undefined) continue
        tried.set(index, doubt)
        await waiting(doubt, signal, backOff(Math.max(1, doubt.busyTries), signal))
      }
    } catch (error) {
      end(0)
      throw error
    }
    const doubts = this.#doubts
    return {
      get isValid() {
        return gateways.every((gateway, index) => {
          const doubt = doubts.get(gateway)
          return doubt === tried.get(index) && doubt?.isCondemned !== true
        })
      },
      isTrial: (gateway) => tried.has(gateways.indexOf(gateway)),
      end,
    }
  }

  /**
   * Bad news of a gateway; `passage` is of the member whose opening brought it. Returns whether nobody dials the gateway
   * any more.
   */
  hear({ gateway, error }: GatewayFailure, passage?: Passage): boolean {
    const root = rootOf(error)
    const known = this.#doubts.get(gateway)
    if (known?.isCondemned === true || this.#heard.has(root)) return known?.isCondemned === true
    this.#heard.add(root)
    const doubt = known ?? newDoubt(error)
    this.#doubts.set(gateway, doubt)
    doubt.error = error
    if (error.code === 'SERVER_BUSY') doubt.busyTries += 1
    const hasFailedAgain = known !== undefined && (passage?.isTrial(gateway) === true || isOfDialling(error))
    doubt.isCondemned =
      isLasting(error) || (error.code === 'SERVER_BUSY' ? doubt.busyTries >= mostTries : hasFailedAgain)
    if (doubt.isCondemned) tell(doubt)
    return doubt.isCondemned
  }

  /** The doubt that this member is to settle by trying; `undefined` for none. */
  async #settle(gateway: string, signal: AbortSignal): Promise<Doubt | undefined> {
    for (;;) {
      const doubt = this.#doubts.get(gateway)
      if (doubt === undefined) return undefined
      if (doubt.isCondemned) throw sameFailure(doubt.error)
      if (!doubt.isTried) {
        doubt.isTried = true
        return doubt
      }
      await waiting(doubt, signal, interruptible(doubt.changed.promise, signal))
    }
  }

  #give(gateway: string, doubt: Doubt, isOpen: boolean): void {
    doubt.isTried = false
    if (isOpen && !doubt.isCondemned && this.#doubts.get(gateway) === doubt) this.#doubts.delete(gateway)
    tell(doubt)
  }
}

function newDoubt(error: SallyportError): Doubt {
  return { error, isCondemned: false, isTried: false, busyTries: 0, changed: deferred() }
}

async function waiting(doubt: Doubt, signal: AbortSignal, until: Promise<void>): Promise<void> {
  try {
    await until
  } catch {
    const { hop, phase = 'dial' } = doubt.error
    throw abortError(signal.reason, hop === undefined ? { phase: 'resolve' } : { hop, phase })
  }
}

function tell(doubt: Doubt): void {
  doubt.changed.resolve()
  doubt.changed = deferred()
}

/** Not of one and the same end, or of a hang, which each member tells in its own words. */
function isOfDialling({ code }: SallyportError): boolean {
  return code !== 'CONNECTION_LOST' && code !== 'TIMEOUT'
}

/** What a second attempt can only do harm to: keys and passwords that were refused are counted there. */
function isLasting(error: SallyportError): boolean {
  return error instanceof AuthError || error instanceof HostKeyError || error instanceof ConfigError
}

function rootOf(error: SallyportError): SallyportError {
  let root = error
  while (root.cause instanceof SallyportError) root = root.cause
  return root
}
