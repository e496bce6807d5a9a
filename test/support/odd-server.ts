// An SSH server whose login is a script, which may also send packets that no sshd would: banners without end, demands
// to change a password, disconnects with any text. Where sshd or sallyport/testing can show a thing, use those.

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import ssh2, { type AuthContext, type Connection } from 'ssh2'
import { keyPair } from './keys.js'
import { randomLoopback } from './sshd.js'

export interface OddPeer {
  readonly connection: Connection
  /** Sends one packet: the message number and what follows it. */
  send(message: number, ...fields: readonly (string | number | Buffer)[]): void
}

export interface OddServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** What a known_hosts file needs to know it. */
  readonly knownHostsLine: string
  /** How many connections are open now. */
  live(): number
}

/** Called with each offer of a client, `none` too. An offer that is not answered leaves the client waiting. */
export type OddLogin = (offer: AuthContext, peer: OddPeer) => void

export async function startOddServer(login: OddLogin): Promise<OddServer> {
  const hostKey = await keyPair('odd-server')
  const sockets = new Set<Socket>()
  const ssh = new ssh2.Server({ hostKeys: [await readFile(hostKey.file)] })
  ssh.on('connection', (connection) => {
    connection.on('error', () => undefined)
    const peer: OddPeer = {
      connection,
      send: (message, ...fields) =>
        sendPacket(connection, Buffer.concat([Buffer.of(message), ...fields.map(encode)])),
    }
    connection.on('authentication', (offer) => login(offer, peer))
  })
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    ssh.injectSocket(socket)
  })
  const host = randomLoopback()
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
  return {
    host,
    port: address.port,
    knownHostsLine: `[${host}]:${address.port} ${hostKey.publicLine}\n`,
    live: () => sockets.size,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** ssh2 has no public way to send a packet of one's own. */
interface Internals {
  readonly _protocol: {
    readonly _cipher: { encrypt(packet: Buffer): void }
    readonly _packetRW: {
      readonly write: {
        readonly allocStart: number
        alloc(size: number): Buffer
        finalize(packet: Buffer): Buffer
      }
    }
  }
}

function sendPacket(connection: Connection, payload: Buffer): void {
  const { _cipher, _packetRW } = (connection as unknown as Internals)._protocol
  const packet = _packetRW.write.alloc(payload.length)
  packet.set(payload, _packetRW.write.allocStart)
  _cipher.encrypt(_packetRW.write.finalize(packet))
}

function encode(field: string | number | Buffer): Buffer {
  if (Buffer.isBuffer(field)) return field
  if (typeof field === 'number') return uint32(field)
  const bytes = Buffer.from(field)
  return Buffer.concat([uint32(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
