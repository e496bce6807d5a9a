// Twenty sockets on one connection, by themselves and beside one that nobody reads: what a slow reader costs the others.

import { once } from 'node:events'
import { Connection } from 'sallyport'
import { measure } from './measure.js'
import { download, startPeer } from './peer-process.js'
import { compare } from './ratio.js'

const count = 20
const amount = 4

/** The others keep at least 70 % of their rate. */
const atMost = 1 / 0.7

export async function benchNeighbours(servers, { rounds }) {
  const peer = await startPeer()
  const address = { host: '127.0.0.1', port: peer.port }
  const connect = () => new Connection(servers.host, servers.options(servers.ports.at(-1)))
  const [quiet, shared] = [connect(), connect()]
  const alone = `${count} sockets`
  const beside = `${count} sockets beside a slow one`
  try {
    const slow = await unread(shared, address)
    const medians = await measure(
      [
        { name: alone, run: () => downloads(quiet, address) },
        { name: beside, run: () => downloads(shared, address) },
      ],
      { rounds },
    )
    slow.destroy()
    return {
      title: `${amount} MiB on each of ${count} sockets of one connection, and a slow one beside them`,
      rows: [compare(medians, { ours: beside, theirs: alone, atMost })],
    }
  } finally {
    await quiet.close()
    await shared.close()
    await peer.stop()
  }
}

async function downloads(connection, address) {
  const sockets = await Promise.all(Array.from({ length: count }, () => connection.dial(address)))
  await Promise.all(sockets.map((socket) => download(socket, amount)))
  for (const socket of sockets) socket.destroy()
}

/** A socket to which much is sent and that reads one piece of it. */
async function unread(gateway, address) {
  const socket = await gateway.dial(address)
  const head = Buffer.from([0x64, 0, 0, 1, 0])
  socket.write(head)
  await once(socket, 'data')
  socket.pause()
  return socket
}
