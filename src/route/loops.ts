// Routes that come back to themselves or never end are refused here, before the first packet.

import { ConfigError } from '../errors.js'
import type { Hop } from './route.js'

/** The most hops that a route may have, proxies counted. */
const maxHops = 16

/** A host on the path from the target back to where we are, and what led to it. */
export interface Step {
  readonly hop: Omit<Hop, 'link' | 'linkOrigin'>
  /** Where it stands that this host is a gateway of the one before; `undefined` for the target. */
  readonly origin: string | undefined
}

/** Checks the path of gateways of gateways while it is found: `a` needs `b`, which needs `a`. Throws ConfigError. */
export function checkPath(path: readonly Step[]): void {
  const last = path.at(-1)
  if (last === undefined) return
  const isLoop = path.slice(0, -1).some(({ hop }) => keyOf(hop) === keyOf(last.hop))
  if (!isLoop && path.length <= maxHops) return
  const names = path.map(({ hop }) => hop.host)
  const lines = path.flatMap(({ origin }) => origin ?? [])
  throw isLoop ? loop(last.hop, { names, lines }) : tooLong(path.length, { names, lines })
}

/** Checks a finished route, whose hops come in the order in which they are visited. Throws ConfigError. */
export function checkHops(hops: readonly Hop[]): void {
  const names = hops.map(({ host }) => host)
  const lines = [...new Set(hops.map(({ linkOrigin }) => linkOrigin.from))].filter(
    (line) => line !== 'default',
  )
  const seen = new Set<string>()
  for (const hop of hops) {
    if (seen.has(keyOf(hop))) throw loop(hop, { names, lines })
    seen.add(keyOf(hop))
  }
  const proxies = hops.reduce((sum, { link }) => sum + (link.kind === 'proxy' ? link.proxies.length : 0), 0)
  if (hops.length + proxies > maxHops) throw tooLong(hops.length + proxies, { names, lines })
}

// An alias of the host key tells hosts apart that have one address behind different gateways.
function keyOf({ user, hostName, port, settings }: Step['hop']): string {
  return JSON.stringify([user, hostName, port, settings.hostKeyAlias?.toLowerCase()])
}

interface Told {
  readonly names: readonly string[]
  readonly lines: readonly string[]
}

function loop({ user, hostName, port }: Step['hop'], { names, lines }: Told): ConfigError {
  const what = `the route comes back to ${user}@${hostName}:${port}: ${names.join(' → ')}${saidBy(lines)}`
  return new ConfigError('GATEWAY_LOOP', what, {
    origin: lines.at(-1),
    phase: 'resolve',
    hint: 'remove one of the gateways, or except the gateway from the pattern (Host * !gateway); the same host is fine with another user or port',
  })
}

function tooLong(count: number, { names, lines }: Told): ConfigError {
  const what = `the route has ${count} hops, and at most ${maxHops} are allowed: ${names.join(' → ')}${saidBy(lines)}`
  return new ConfigError('ROUTE_TOO_LONG', what, { origin: lines.at(-1), phase: 'resolve' })
}

function saidBy(lines: readonly string[]): string {
  return lines.length === 0 ? '' : ` (${lines.join(', ')})`
}
