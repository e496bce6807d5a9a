// What a route is called, so that two members are the same only when every machine on the way is: each hop with what
// lies between it and the one before, in order. No secrets.

import { printable } from '../printable.js'
import { dialerName } from '../route/link-text.js'
import type { Hop, HopLink, Route } from '../route/route.js'
import { withoutSecrets } from '../secret-text.js'

/** The names of one group's routes. */
export class RouteNames {
  /** What lies between two hops, by its text; what is not the same thing has another place in the list. */
  readonly #ways = new Map<string, unknown[]>()

  /** The id of a route, and that of all before its target. */
  nameOf({ hops }: Pick<Route, 'hops'>): { readonly id: string; readonly gateway: string | undefined } {
    const parts = hops.flatMap((hop) => [...this.#wayTo(hop.link), hopName(hop)])
    const before = parts.slice(0, -1)
    return { id: parts.join(' > '), gateway: before.length === 0 ? undefined : before.join(' > ') }
  }

  #wayTo(link: HopLink): readonly string[] {
    const way = wayOf(link)
    if (way === undefined) return []
    const known = this.#ways.get(way.text) ?? []
    this.#ways.set(way.text, known)
    const place = known.includes(way.identity) ? known.indexOf(way.identity) : known.push(way.identity) - 1
    return [place === 0 ? way.text : `${way.text} #${place + 1}`]
  }
}

/** Two ways of the same text are the same if `identity` is. */
function wayOf(link: HopLink): { readonly text: string; readonly identity: unknown } | undefined {
  switch (link.kind) {
    case 'tcp':
    case 'channel':
      return undefined
    case 'dialer':
      return { text: dialerName(link.dialer), identity: link.dialer }
    case 'command':
    case 'remote-command':
      return { text: `command ${printable(withoutSecrets(link.text), 120)}`, identity: link.text }
    case 'proxy':
      return {
        text: link.proxies.map(({ url }) => url).join(' > '),
        identity: JSON.stringify(link.proxies.map(({ credentials }) => credentials?.user ?? null)),
      }
  }
}

function hopName({ user, host, hostName, port }: Hop): string {
  const named = host.toLowerCase()
  const bracketed = named.includes(':') ? `[${named}]` : named
  const name = `${user}@${bracketed}:${port}`
  return printable(hostName.toLowerCase() === named ? name : `${name} (${hostName})`, 600)
}
