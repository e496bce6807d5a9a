// What a picture puts in one place: this machine, each gateway, and together the hosts that are reached in the same way.

import { here, type RouteGraph, type RouteLink, type RouteNode } from './graph.js'

/** One place of a picture. */
export interface Block {
  /** `group` for hosts that lead no further and share all the links to them, but for where these end. */
  readonly kind: 'here' | 'gateway' | 'group'
  /** None for this machine, one for a gateway. */
  readonly nodes: readonly RouteNode[]
  /** The links to its nodes. */
  readonly incoming: readonly RouteLink[]
}

/** The links of one kind between two blocks: one line of a picture. */
export interface Strand {
  readonly from: Block
  readonly to: Block
  readonly kind: RouteLink['kind']
  readonly links: readonly string[]
}

/** The blocks, this machine first, and the strands between them. */
export interface BlockGraph {
  readonly blocks: readonly Block[]
  readonly strands: readonly Strand[]
}

/** Puts the nodes of a graph into blocks. */
export function blocksOf({ nodes, links }: RouteGraph): BlockGraph {
  const gateways = new Set(links.map(({ from }) => from))
  const incoming = groupBy(links, ({ to }) => to)
  const linksTo = (node: RouteNode) => incoming.get(node.id) ?? []
  const groups = groupBy(nodes, (node) => (gateways.has(node.id) ? node.id : wayOf(linksTo(node))))
  const blocks: readonly Block[] = [
    { kind: 'here', nodes: [], incoming: [] },
    ...[...groups.values()].map((members) => ({
      kind: members.some(({ id }) => gateways.has(id)) ? ('gateway' as const) : ('group' as const),
      nodes: members,
      incoming: members.flatMap(linksTo),
    })),
  ]
  return { blocks, strands: strandsOf(blocks) }
}

function strandsOf(blocks: readonly Block[]): readonly Strand[] {
  const owner = new Map<string, Block>()
  for (const block of blocks) {
    if (block.kind === 'here') owner.set(here, block)
    for (const { id } of block.nodes) owner.set(id, block)
  }
  return blocks.flatMap((to) =>
    [...groupBy(to.incoming, ({ from, kind }) => `${from} ${kind}`).values()].flatMap((links) => {
      const [first] = links
      const from = owner.get(first?.from ?? '')
      return first === undefined || from === undefined
        ? []
        : [{ from, to, kind: first.kind, links: links.map(({ id }) => id) }]
    }),
  )
}

/** The same text for nodes that are reached in the same way. It is no id of a node. */
function wayOf(links: readonly RouteLink[]): string {
  return JSON.stringify(links.map(({ from, kind, command, by }) => [from, kind, command, by]).sort())
}

/** The members by key, in the order in which they are first met. */
function groupBy<T>(list: readonly T[], keyOf: (member: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const member of list) {
    const group = groups.get(keyOf(member))
    if (group === undefined) groups.set(keyOf(member), [member])
    else group.push(member)
  }
  return groups
}
