// A route as plain data for JSON: version 1 of the format that docs/guide/route-json.md describes. No secrets.

import type { Origin } from '../config/merge.js'
import { shownText } from '../config/unused.js'
import { withoutSecrets } from '../secret-text.js'
import { dialerName } from './link-text.js'
import type { RemoteCommandWhen } from './proxy-command.js'
import type { Hop, Route } from './route.js'
import { shownSettings } from './shown-settings.js'

/** A route, fit for JSON. */
export interface RouteDocument {
  readonly version: 1
  /** In the order in which they are reached; the last one is the target. */
  readonly hops: readonly HopDocument[]
  readonly warnings: readonly string[]
}

/** One hop, fit for JSON. */
export interface HopDocument {
  readonly host: string
  readonly hostName: string
  readonly user: string
  readonly port: number
  readonly link: LinkDocument
  /** Every setting that has a value, defaults included, by its name. */
  readonly settings: Readonly<Record<string, unknown>>
  /** For the same names, where the value is from. */
  readonly origins: Readonly<Record<string, Origin>>
  /** Values of the configuration that have no effect here. */
  readonly unused: readonly { readonly keyword: string; readonly value: string; readonly origin: string }[]
}

/** How a hop is reached. */
export interface LinkDocument {
  readonly kind: Hop['link']['kind']
  /** The text of a ProxyCommand, or of a command on the gateway, before its tokens were expanded. */
  readonly command?: string | undefined
  /** When a command on the gateway is run. */
  readonly when?: RemoteCommandWhen | undefined
  /** The addresses of the proxies, in the order in which they are passed, without users and passwords. */
  readonly proxies?: readonly string[] | undefined
  /** What a dialer calls itself, where it does. */
  readonly name?: string | undefined
  readonly origin: Origin
}

/** The document of a route. Made anew with each call, and the caller's own. */
export function routeDocument({ hops, warnings }: Route): RouteDocument {
  return { version: 1, hops: hops.map(hopDocument), warnings: [...warnings] }
}

function hopDocument(hop: Hop): HopDocument {
  const { host, hostName, user, port } = hop
  const shown = shownSettings(hop)
  return {
    host,
    hostName,
    user,
    port,
    link: linkDocument(hop),
    settings: Object.fromEntries(shown.map(({ name, value }) => [name, value])),
    origins: Object.fromEntries(shown.map(({ name, origin }) => [name, originDocument(origin)])),
    unused: hop.unused.map((unused) => ({
      keyword: unused.keyword,
      value: shownText(unused),
      origin: unused.origin,
    })),
  }
}

/** How a hop is reached, fit for JSON. */
export function linkDocument({ link, linkOrigin }: Pick<Hop, 'link' | 'linkOrigin'>): LinkDocument {
  return { kind: link.kind, ...detailsOf(link), origin: originDocument(linkOrigin) }
}

function detailsOf(link: Hop['link']): Partial<LinkDocument> {
  switch (link.kind) {
    case 'tcp':
    case 'channel':
      return {}
    case 'command':
      return { command: withoutSecrets(link.text) }
    case 'remote-command':
      return { command: withoutSecrets(link.text), when: link.when }
    case 'proxy':
      return { proxies: link.proxies.map(({ url }) => url) }
    case 'dialer':
      return link.dialer.name === undefined ? {} : { name: dialerName(link.dialer) }
  }
}

function originDocument({ from, beat }: Origin): Origin {
  return { from, beat: [...beat] }
}
