// A route -> the hops that live: one node for each hop, each on top of the one before. Hops that a passed-in connection
// brings along are its own nodes; hops that configuration made are shared by all routes that spell them the same.

import { ConfigError } from '../errors.js'
import { printable } from '../printable.js'
import { type Hop, hopRef, type Route } from '../route/route.js'
import { wire } from '../wire/ssh2-wire.js'
import { HopNode } from './hop-node.js'

/**
 * The node of the route's target. `gateway` is the node of the connection that the route's first hops belong to.
 * Throws {@link ConfigError} for settings that the engine cannot honour.
 */
export function chainOf(route: Route, gateway: HopNode | undefined): HopNode {
  const last = route.hops.length - 1
  let node = gateway
  for (const [index, hop] of route.hops.entries()) {
    if (hop.owner === 'connection') continue
    checkAlgorithms(hop)
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

// Two hops made by configuration with the same settings are the same hop. Functions, which a program's defaults may have
// (`ask`), are the same only when they are the same object. Such hops have no secrets, which the key could not tell apart.
function sharedNode(hop: Hop, options: NodeOptions): HopNode {
  const key = JSON.stringify(
    [hop.host, hop.hostName, hop.user, hop.port, hop.link, hop.settings, idOf(options.gateway)],
    (_name, value: unknown) => (typeof value === 'function' ? idOf(value) : value),
  )
  const known = shared.get(key)?.deref()
  if (known !== undefined) return known
  const node = new HopNode(hop, options)
  shared.set(key, new WeakRef(node))
  forgotten.register(node, key)
  return node
}

const ids = new WeakMap<object, number>()
let lastId = 0

function idOf(thing: object | undefined): number {
  if (thing === undefined) return 0
  const id = ids.get(thing) ?? ++lastId
  ids.set(thing, id)
  return id
}

/** The settings with algorithms, by the engine's lists. Only the engine knows what it supports. */
const algorithmSettings = {
  kex: 'kexAlgorithms',
  hostKey: 'hostKeyAlgorithms',
  cipher: 'ciphers',
  mac: 'macs',
} as const

function checkAlgorithms({ settings, host, origins }: Hop): void {
  for (const [list, name] of Object.entries(algorithmSettings)) {
    const unsupported = wire.unsupportedAlgorithms({ [list]: settings[name] })
    if (unsupported.length === 0) continue
    const origin = origins[name].from
    const what = `${host}: algorithms that are not supported: ${printable(unsupported.join(', '), 1000)}`
    throw new ConfigError('UNSUPPORTED_OPTION', `${origin}: ${what}`, { origin, phase: 'resolve' })
  }
}
