// The route: data that says how a host is reached, hop by hop. Connecting is walking it.

import type { Unused } from '../config/host-answer.js'
import type { Origin, Origins } from '../config/merge.js'
import type { Settings } from '../config/settings.js'
import type { Dialer } from '../dialer.js'
import type { HopRef } from '../errors.js'
import type { ExpandedCommand, RemoteCommandWhen } from './proxy-command.js'
import type { ProxySpec } from './proxy-spec.js'

/** The resolved way to a host. Frozen; made without touching the network. */
export interface Route {
  /** In the order in which they are reached; the last one is the target. Never empty. */
  readonly hops: readonly Hop[]
  /** What a person should know about it, one line each: weak choices, and what the configuration says in vain. */
  readonly warnings: readonly string[]
}

/** One machine on the way. */
export interface Hop {
  /** The host as it was named. */
  readonly host: string
  /** The name or address to connect to, resolved by whoever is before this hop. */
  readonly hostName: string
  readonly user: string
  readonly port: number
  readonly link: HopLink
  /** Where it stands how this hop is reached, and what that beat; `default` for a hop that is reached directly. */
  readonly linkOrigin: Origin
  readonly settings: Settings
  /** For each setting, where its value came from. */
  readonly origins: Origins
  /** Values of the configuration that have no effect here. */
  readonly unused: readonly Unused[]
  /** `connection` for a hop that a passed-in connection brings along: borrowed, and closed by its owner only. */
  readonly owner: 'route' | 'connection'
}

/** How bytes reach a hop. */
export type HopLink =
  | { readonly kind: 'tcp' }
  /** `direct-tcpip` through the hop before. */
  | { readonly kind: 'channel' }
  /** A ProxyCommand; `text` is what it was before its tokens were expanded. */
  | { readonly kind: 'command'; readonly command: ExpandedCommand; readonly text: string }
  | { readonly kind: 'dialer'; readonly dialer: Dialer }
  /**
   * Through proxies in a row: the first one is reached by TCP from here, or by `direct-tcpip` through the hop before; each
   * is asked for the next one, and the last for the hop. Never empty.
   */
  | { readonly kind: 'proxy'; readonly proxies: readonly ProxySpec[] }
  /**
   * The standard input and output of a command that the hop before runs; `text` is what it was before its tokens were
   * expanded. When it is for prohibited forwarding only, `direct-tcpip` is tried first.
   */
  | {
      readonly kind: 'remote-command'
      readonly command: string
      readonly text: string
      readonly when: RemoteCommandWhen
    }

/** The hop at `index`, as errors and callbacks name it. */
export function hopRef(route: Route, index: number): HopRef {
  const hop = route.hops[index]
  if (hop === undefined) throw new RangeError(`the route has no hop ${index}`)
  return Object.freeze({
    index,
    count: route.hops.length,
    user: hop.user,
    host: hop.host,
    port: hop.port,
    via: route.hops[index - 1]?.host,
  })
}

/** The target: the last hop. */
export function targetOf(route: Pick<Route, 'hops'>): Hop {
  const target = route.hops.at(-1)
  if (target === undefined) throw new RangeError('the route is empty')
  return target
}
