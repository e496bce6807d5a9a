// The way of the parts below Connection to a rig: what leases the last server of a chain, gateway by gateway.

import { HopNode } from '../../src/hops/hop-node.js'
import type { Acquire } from '../../src/hops/lease.js'
import { hopRef, targetOf } from '../../src/route/route.js'
import { Chain } from './chain.js'
import { connectionsThrough } from './link-up.js'
import { type Sshd, startSshd } from './sshd.js'

export interface WayIn extends AsyncDisposable {
  /** Opens the last server of the chain, and leases it. */
  readonly acquire: Acquire
  /** The hops, the first one first. */
  readonly nodes: readonly HopNode[]
}

/** The hops to the servers of a chain, none of which is open. The caller disposes them. */
export async function wayThrough(chain: Chain): Promise<WayIn> {
  const nodes: HopNode[] = []
  for (const connection of connectionsThrough(chain)) {
    const route = await connection.resolve()
    const ref = hopRef(route, route.hops.length - 1)
    nodes.push(new HopNode(targetOf(route), { ref, gateway: nodes.at(-1), closeWhenUnused: false }))
  }
  const target = nodes.at(-1)
  if (target === undefined) throw new RangeError('a chain without servers')
  return {
    nodes,
    acquire: (options) => target.acquire('work', options),
    async [Symbol.asyncDispose]() {
      for (const node of [...nodes].reverse()) await node.close()
    },
  }
}

/** Servers in a row, each of which forwards to any address. */
export async function startForwardingChain(length: number, config: readonly string[] = []): Promise<Chain> {
  const sshds: Sshd[] = []
  try {
    for (let index = 1; index <= length; index++) {
      const name = `hop ${index} of ${length}`
      sshds.push(await startSshd({ name, config: ['LogLevel INFO', ...config] }))
    }
  } catch (error) {
    await new Chain(sshds)[Symbol.asyncDispose]()
    throw error
  }
  return new Chain(sshds)
}
