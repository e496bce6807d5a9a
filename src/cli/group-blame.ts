// Behind which gateways the failures of a group are: the one that an error names, however far out it is, or else the one
// right before the host.

import { type Failed, type HopRef, type Outcome, SallyportError } from '../index.js'

/** A gateway, or none, and those behind it. */
export interface BlamedGateway {
  /** The id; `undefined` for the hosts that are reached directly. */
  readonly gateway: string | undefined
  /** All that are behind it, through further gateways, too. */
  readonly members: number
  /** The failures that are laid to it, or to hosts right behind it. */
  readonly failed: number
}

/** In the order of their first failures. */
export function blamedGateways(
  outcomes: readonly Outcome<unknown>[],
  failures: readonly Failed[],
): readonly BlamedGateway[] {
  const failed = new Map<string | undefined, number>()
  for (const failure of failures) {
    const gateway = blamedBy(failure)
    failed.set(gateway, (failed.get(gateway) ?? 0) + 1)
  }
  return [...failed].map(([gateway, count]) => ({
    gateway,
    members: outcomes.filter(({ member }) => isBehind(member.gateway, gateway)).length,
    failed: count,
  }))
}

function isBehind(gateway: string | undefined, blamed: string | undefined): boolean {
  return gateway === blamed || (blamed !== undefined && gateway?.startsWith(`${blamed} > `) === true)
}

function blamedBy({ member: { gateway }, error }: Failed): string | undefined {
  const hop = error instanceof SallyportError ? error.hop : undefined
  if (gateway === undefined || hop === undefined) return gateway
  const parts = gateway.split(' > ')
  // Between two hops there may be the name of a proxy or of a command.
  const at = parts.findIndex((part) => `${part} `.startsWith(`${nameOf(hop)} `))
  return at < 0 ? gateway : parts.slice(0, at + 1).join(' > ')
}

function nameOf({ user, host, port }: HopRef): string {
  const named = host.toLowerCase()
  return `${user}@${named.includes(':') ? `[${named}]` : named}:${port}`
}
