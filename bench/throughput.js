// Much through tunnels: uploads and downloads through 0 to 2 gateways, by a forward and by a socket in this process,
// against ssh -L behind ssh -J.

import { once } from 'node:events'
import { connect } from 'node:net'
import { Connection } from 'sallyport'
import { measure } from './measure.js'
import { download, startPeer, upload } from './peer-process.js'
import { compare } from './ratio.js'
import { openTunnels } from './tunnels.js'

const amount = 48
const mostGateways = 2
const works = { download, upload }

/** What is expected of ours, as the time that ssh takes would be 1: with gateways, and without the addon. */
const expected = {
  'a socket': { download: 1 / 1.15, upload: 1 / 1.1 },
  'sallyport without the addon': { download: 1 / 0.9, upload: 1 / 0.9 },
}

export async function benchThroughput(servers, { rounds }) {
  const config = servers.writeSshConfig('ssh_throughput', ['KexAlgorithms curve25519-sha256'])
  const peer = await startPeer()
  const tunnels = await openTunnels({ config, peerPort: peer.port, mostGateways })
  const chains = Array.from({ length: mostGateways + 1 }, (_, gateways) => chain(servers, gateways))
  try {
    const ways = [
      ...tunnels.all.map(({ name, gateways, forward }) => ({
        name,
        gateways,
        open: () => connect({ host: '127.0.0.1', port: forward }),
      })),
      ...chains.map((connections, gateways) => ({
        name: 'a socket',
        gateways,
        open: () => connections.at(-1).socket({ host: '127.0.0.1', port: peer.port }),
      })),
    ]
    const medians = await measure(
      ways.flatMap(({ name, gateways, open }) =>
        Object.entries(works).map(([what, work]) => ({
          name: title(what, name, gateways),
          run: async () => {
            const stream = open()
            await once(stream, 'connect')
            await work(stream, amount)
            stream.destroy()
          },
        })),
      ),
      { rounds },
    )
    const rows = Object.keys(works).flatMap((what) =>
      ['a socket', 'sallyport', 'sallyport without the addon'].flatMap((name) =>
        chains.map((_, gateways) =>
          compare(medians, {
            ours: title(what, name, gateways),
            theirs: title(what, 'ssh', gateways),
            ...(gateways > 0 && expected[name] && { atMost: expected[name][what] }),
          }),
        ),
      ),
    )
    return { title: `${amount} MiB down and up, through 0 to ${mostGateways} gateways`, rows }
  } finally {
    for (const connection of chains.flat().reverse()) await connection.close()
    await tunnels.close()
    await peer.stop()
  }
}

function title(what, name, gateways) {
  return `${what}, ${name}, ${gateways} gateways`
}

/** Connections to the first servers and the last one, each the gateway of the next. */
function chain(servers, gateways) {
  const opened = []
  for (const port of [...servers.ports.slice(0, gateways), ...servers.ports.slice(-1)]) {
    opened.push(new Connection(servers.host, { ...servers.options(port), gateway: opened.at(-1) ?? false }))
  }
  return opened
}
