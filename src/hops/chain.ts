// A route -> the hops that live: one node for each hop, each on top of the one before. Hops that a passed-in connection
// brings along are its own nodes; hops that configuration made are shared by all routes that spell them the same.

import { type Hop, hopRef, type Route } from '../route/route.js'
import { supportedAlgorithms } from './algorithms.js'
import { hopKey, idOf } from './hop-key.js'
import { HopNode } from './hop-node.js'

/**
 * The node of the route's target. `gateway` is the node of the connection that the route's first hops belong to.
 * Throws `ConfigError` for settings that the engine cannot honour.
 */
export function chainOf(route: Route, gateway: HopNode | undefined): HopNode {
  const last = route.hops.length - 1
  let node = gateway
  for (const [index, hop] of route.hops.entries()) {
    if (hop.owner === 'connection') continue
    supportedAlgorithms(hop, () => {})
    const options = { ref: hopRef(route, index), gateway: node, closeWhenUnused: index < last }
    node = index < last ? sharedNode(hop, options) : new HopNode(hop, options)
  }
  if (node === undefined) throw new RangeError('the route is empty')
  return node
}

type NodeOptions = ConstructorParameters<typeof HopNode>[1]

const shared = new Map<string, WeakRef<HopNode>>()
const forgotten = new FinalizationRegistry<string>((key) => {
  if (shared.get(key)?.deref() === undefined) shared.delete(key)
})

function sharedNode(hop: Hop, options: NodeOptions): HopNode {
  const key = hopKey(hop, idOf(options.gateway))
  const known = shared.get(key)?.deref()
  if (known !== undefined) return known
  const node = new HopNode(hop, options)
  shared.set(key, new WeakRef(node))
  forgotten.register(node, key)
  return node
}
