// The way to a member as its opening sees it: its gateways, each with the whole route to it, and its server.

import { formatAddress } from '../dialer.js'
import { SallyportError } from '../errors.js'
import { lacksDescriptors } from '../lacks-descriptors.js'
import type { Hop, Route } from '../route/route.js'

export interface Way {
  /** One for each hop before the target, in their order: the same for all members behind that gateway. */
  readonly gateways: readonly string[]
  /** The server that is dialled at the end: the same for all who dial it by the same gateways, whatever their user. */
  readonly server: string
}

/** The way of a route. */
export function wayOf({ hops }: Route): Way {
  const names = hops.map(formatMachine)
  const gateways = names.slice(0, -1).map((_, index) => names.slice(0, index + 1).join(' > '))
  const target = hops.at(-1)
  const server = target === undefined ? '' : formatAddress({ host: target.hostName, port: target.port })
  return { gateways, server: [...gateways.slice(-1), server].join(' > ') }
}

/** A gateway that failed, and how. */
export interface GatewayFailure {
  readonly gateway: string
  readonly error: SallyportError
}

/**
 * The gateway that an error is laid to; `undefined` where it is the target's, or says nothing about whether the gateway
 * can be reached: it would not open one channel, the caller ended the call, or this process has no descriptor left.
 */
export function findGatewayFailure(error: unknown, { gateways }: Way): GatewayFailure | undefined {
  if (!(error instanceof SallyportError) || error.hop === undefined) return undefined
  if (isOfOneChannel(error) || isOurs(error)) return undefined
  const gateway = gateways[error.hop.index]
  return gateway === undefined ? undefined : { gateway, error }
}

/** How many gateways, from the first one on, were open for sure when a member failed with this error. */
export function countOpenGateways(error: unknown): number {
  if (!(error instanceof SallyportError) || error.hop === undefined || isOurs(error)) return 0
  return isOfOneChannel(error) ? error.hop.index + 1 : error.hop.index
}

function isOfOneChannel({ code }: SallyportError): boolean {
  return code === 'FORWARD_PROHIBITED' || code === 'CHANNEL_REFUSED'
}

function isOurs(error: SallyportError): boolean {
  return error.code === 'ABORT_ERR' || error.code === 'CLOSED' || lacksDescriptors(error)
}

function formatMachine({ user, hostName, port }: Hop): string {
  return `${user}@${formatAddress({ host: hostName, port })}`
}
