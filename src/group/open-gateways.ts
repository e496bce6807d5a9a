// Opens the gateways on the way to a member without the member, whose own server may be slow, or never answer.

import type { Connection } from '../connection.js'
import { chainOf } from '../hops/chain.js'
import type { Route } from '../route/route.js'

export interface WayToOpen {
  /** The connection's. */
  readonly route: Route
  readonly signal: AbortSignal
}

/**
 * Resolves to true when all gateways are open, and to false at once where they can only be opened along with the member,
 * because a passed-in connection is but a part of the way. Rejects like `Connection.open`. Holding them open is for others.
 */
export async function openGateways(connection: Connection, { route, signal }: WayToOpen): Promise<boolean> {
  const gateways = route.hops.slice(0, -1)
  const borrowed = gateways.filter(({ owner }) => owner === 'connection').length
  if (borrowed === 0) {
    const { gateway } = chainOf(route, undefined)
    const lease = await gateway?.acquire('gateway', { signal, hopCount: route.hops.length })
    lease?.release()
    return true
  }
  if (borrowed < gateways.length || connection.gateway === undefined) return false
  await connection.gateway.open({ signal })
  return true
}
