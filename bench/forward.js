// Small things through tunnels: round trips on one connection, and connections opened one after the other, through a
// forward and through SOCKS, against ssh -L and ssh -D.

import { once } from 'node:events'
import { connect } from 'node:net'
import { measure } from './measure.js'
import { echo, startPeer } from './peer-process.js'
import { compare } from './ratio.js'
import { openTunnels, tunnelers } from './tunnels.js'

const roundTrips = 300
const opens = 30
const mostGateways = 2

export async function benchForward(servers, { rounds }) {
  const config = servers.writeSshConfig('ssh_forward', ['KexAlgorithms curve25519-sha256'])
  const peer = await startPeer()
  const tunnels = await openTunnels({ config, peerPort: peer.port, mostGateways })
  try {
    const medians = await measure(
      tunnels.all.flatMap(({ name, gateways, forward, socks }) => [
        { name: title('round trips', name, gateways), run: () => manyRoundTrips(forward) },
        { name: title('opened', name, gateways), run: () => manyOpens(() => connect(forward, '127.0.0.1')) },
        { name: title('opened by SOCKS', name, gateways), run: () => manyOpens(() => socksTo(socks, peer)) },
      ]),
      { rounds },
    )
    const rows = ['round trips', 'opened', 'opened by SOCKS'].flatMap((what) =>
      Object.keys(tunnelers)
        .filter((name) => name !== 'ssh')
        .flatMap((name) =>
          Array.from({ length: mostGateways + 1 }, (_, gateways) =>
            compare(medians, {
              ours: title(what, name, gateways),
              theirs: title(what, 'ssh', gateways),
              ...(name === 'sallyport' && what !== 'opened by SOCKS' && { atMost: 1 }),
            }),
          ),
        ),
    )
    const title_ = `${roundTrips} round trips on one connection, and ${opens} connections with one each, through 0 to ${mostGateways} gateways`
    return { title: title_, rows }
  } finally {
    await tunnels.close()
    await peer.stop()
  }
}

function title(what, name, gateways) {
  return `${what}, ${name}, ${gateways} gateways`
}

async function manyRoundTrips(port) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  await once(socket, 'connect')
  await echo(socket, roundTrips)
  socket.destroy()
}

async function manyOpens(open) {
  for (let count = 0; count < opens; count++) {
    const socket = await open()
    socket.setNoDelay(true)
    await echo(socket, 1)
    socket.destroy()
  }
}

/** A SOCKS5 client that does not authenticate (RFC 1928). */
async function socksTo(port, peer) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  socket.write(Buffer.from([5, 1, 0]))
  await once(socket, 'data')
  socket.write(Buffer.from([5, 1, 0, 1, 127, 0, 0, 1, peer.port >> 8, peer.port & 255]))
  const [reply] = await once(socket, 'data')
  if (reply[1] !== 0) throw new Error(`SOCKS answered ${reply[1]}`)
  return socket
}
