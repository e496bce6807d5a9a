// Routes -> one graph: the hops that they share are one node, the links that they share are one link.
// All foreign text in it is one printable line without secrets; escaping it is for the formats.

import type { Hop, Route } from '../route/route.js'
import { withoutSecrets } from '../secret-text.js'
import { shownText } from './shown-text.js'
import { type TellingSetting, tellingSettings } from './telling-settings.js'

/** A host that a configuration names, and what became of the question how it is reached. */
export type MapEntry =
  | { readonly host: string; readonly route: Route }
  /** `problem` says in one line why there is no route. */
  | { readonly host: string; readonly problem: string }

/** The id of this machine, where every route begins. */
export const here = 'here'

/** Every host and how it is reached. The order is that of the entries, first met first. */
export interface RouteGraph {
  /** Each distinct hop, once; this machine, whose id is {@link here}, is not among them. */
  readonly nodes: readonly RouteNode[]
  readonly links: readonly RouteLink[]
  /** Each host of the entries, once. */
  readonly hosts: readonly MappedHost[]
}

/** A machine, a port and a user on it: routes that meet in all three meet in one node. */
export interface RouteNode {
  readonly id: string
  readonly user: string
  readonly hostName: string
  readonly port: number
  /** The hosts by which it is known, each with the settings that its own look-up gave. */
  readonly names: readonly NodeName[]
  /** The distinct ways to it, as ids of links from this machine on. */
  readonly ways: readonly (readonly string[])[]
}

export interface NodeName {
  readonly host: string
  /** Where it stands how this host is reached; `default` where nothing says more than that it is. */
  readonly linkOrigin: string
  /** What differs from the defaults. */
  readonly settings: readonly TellingSetting[]
}

/** How bytes reach `to` from `from`. */
export interface RouteLink {
  readonly id: string
  /** The id of a node, or {@link here}. */
  readonly from: string
  readonly to: string
  readonly kind: Hop['link']['kind']
  /** The text of a ProxyCommand, or of a command that `from` runs, its tokens not expanded. */
  readonly command: string | undefined
  /** The proxies in between, in their order, or what the dialer calls itself. */
  readonly by: string | undefined
}

/** A host of the entries: the node that it is, and the links to it; or why there is none. */
export type MappedHost =
  | {
      readonly host: string
      readonly node: string
      readonly route: readonly string[]
      /** What a person should know about the route. */
      readonly warnings: readonly string[]
    }
  | { readonly host: string; readonly problem: string }

/** The graph of all entries. A host that is named twice counts once. */
export function graphOf(entries: readonly MapEntry[]): RouteGraph {
  const graph = new GrowingGraph()
  const hosts = new Map<string, MappedHost>()
  for (const entry of entries) {
    if (hosts.has(entry.host)) continue
    const host = shownText(entry.host)
    if ('problem' in entry) {
      hosts.set(entry.host, { host, problem: shownText(entry.problem) })
      continue
    }
    const route = graph.add(entry.route)
    hosts.set(entry.host, {
      host,
      node: route.at(-1)?.to ?? here,
      route: route.map(({ id }) => id),
      warnings: entry.route.warnings.map(shownText),
    })
  }
  return { nodes: graph.nodes(), links: graph.links(), hosts: [...hosts.values()] }
}

interface GrowingNode extends Omit<RouteNode, 'names' | 'ways'> {
  readonly names: Map<string, NodeName>
  readonly ways: Map<string, readonly string[]>
}

class GrowingGraph {
  readonly #nodes = new Map<string, GrowingNode>()
  readonly #links = new Map<string, RouteLink>()

  /** Adds what is new of a route, and returns all its links. */
  add({ hops }: Route): readonly RouteLink[] {
    const way: RouteLink[] = []
    for (const hop of hops) {
      const node = this.#nodeOf(hop, hop === hops.at(-1))
      way.push(this.#linkTo(node.id, way.at(-1)?.to ?? here, hop))
      const ids = way.map(({ id }) => id)
      if (!node.ways.has(ids.join())) node.ways.set(ids.join(), ids)
    }
    return way
  }

  nodes(): readonly RouteNode[] {
    return [...this.#nodes.values()].map((node) => ({
      ...node,
      names: [...node.names.values()],
      ways: [...node.ways.values()],
    }))
  }

  links(): readonly RouteLink[] {
    return [...this.#links.values()]
  }

  /** What a host is as a target says more about it than what it is on the way to another. */
  #nodeOf(hop: Hop, isTarget: boolean): GrowingNode {
    const { user, hostName, port, host } = hop
    const key = JSON.stringify([user, hostName, port])
    const node = this.#nodes.get(key) ?? {
      id: `n${this.#nodes.size + 1}`,
      user: shownText(user),
      hostName: shownText(hostName),
      port,
      names: new Map(),
      ways: new Map(),
    }
    this.#nodes.set(key, node)
    if (isTarget || !node.names.has(host)) {
      const linkOrigin = shownText(hop.linkOrigin.from)
      node.names.set(host, { host: shownText(host), linkOrigin, settings: tellingSettings(hop) })
    }
    return node
  }

  #linkTo(to: string, from: string, { link }: Hop): RouteLink {
    const isCommand = link.kind === 'command' || link.kind === 'remote-command'
    const command = isCommand ? shownText(withoutSecrets(link.text)) : undefined
    const by = nameOf(link)
    const key = JSON.stringify([from, to, link.kind, command, by])
    const found = this.#links.get(key) ?? {
      id: `l${this.#links.size + 1}`,
      from,
      to,
      kind: link.kind,
      command,
      by,
    }
    this.#links.set(key, found)
    return found
  }
}

function nameOf(link: Hop['link']): string | undefined {
  if (link.kind === 'proxy') return shownText(link.proxies.map(({ url }) => url).join(', '))
  return link.kind === 'dialer' && link.dialer.name !== undefined ? shownText(link.dialer.name) : undefined
}
