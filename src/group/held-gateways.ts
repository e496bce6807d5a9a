// Keeps the gateways that configuration made open from the first member behind them to the end of the work, though
// there may be moments when no member uses them: when one goes after the other, or between two waves.

import { chainOf } from '../hops/chain.js'
import type { HopNode } from '../hops/hop-node.js'
import type { Route } from '../route/route.js'

export class HeldGateways {
  readonly #held = new Map<HopNode, () => void>()

  /** Holds the gateway right before the route's target. Opens nothing, and keeps no process alive. */
  hold(route: Route): void {
    // A connection that was passed in as the gateway stays open by itself.
    if (route.hops.length < 2 || route.hops.some(({ owner }) => owner === 'connection')) return
    const gateway = chainOf(route, undefined).gateway
    if (gateway === undefined || this.#held.has(gateway)) return
    this.#held.set(gateway, gateway.usage.enter({ isWork: false }).end)
  }

  /** Lets go of them: who is not used by others closes. Resolves when that is done; never rejects. */
  async release(): Promise<void> {
    const held = [...this.#held]
    this.#held.clear()
    for (const [, end] of held) end()
    await Promise.all(held.map(([gateway]) => gateway.closeIfUnused()))
  }
}
