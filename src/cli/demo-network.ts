// The network of the demo, and the connections into it: two gateways, of which one listens, and two internal hosts.

import { Connection } from '../index.js'
import { createNetwork, type Network } from '../testing/index.js'

/** Starts it. The caller closes it. */
export function startNetwork(): Promise<Network> {
  return createNetwork({
    hosts: {
      gatewayhost: { listen: true, reaches: ['inner-gw', 'app.internal'] },
      'inner-gw': { reaches: ['db.internal'] },
      'db.internal': { commands: { uptime: 'up 41 days, 3 users\n' } },
      'app.internal': {},
    },
  })
}

/** A program that leads its standard input and output to a TCP port: as `nc %h %p` would, where there is one. */
const connector =
  'const s = net.connect(process.argv[2], process.argv[1]).setNoDelay(); process.stdin.pipe(s).pipe(process.stdout)'

/** The gateway that listens, on its real port; by a ProxyCommand or directly. */
export function toGateway(network: Network, link: 'directly' | 'by a command'): Connection {
  const { host, port } = network.address('gatewayhost')
  return new Connection('gatewayhost', {
    ...network.settings,
    user: 'ops',
    hostName: host,
    port,
    hostKeyAlias: 'gatewayhost',
    ...(link === 'directly' ? {} : { gateway: { command: [process.execPath, '-e', connector, '%h', '%p'] } }),
  })
}

/** A host of the network, as `user@name`, that its gateway reaches. */
export function throughGateway(network: Network, destination: string, gateway: Connection): Connection {
  return new Connection(destination, { ...network.settings, gateway })
}
