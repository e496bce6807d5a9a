// An SSH server that breaks the protocol on purpose: ssh2's own, with any message sent at any moment, other host keys
// for later key exchanges, and strict key exchange left out. It lets everybody in and answers every command with `ok`.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer, type Socket } from 'node:net'
import ssh2, { type Connection as ServedClient } from 'ssh2'
import type { KeyPair } from './keys.js'
import { randomLoopback } from './sshd.js'

/** Numbers of messages (RFC 4250 4.1.2, RFC 8308). */
export const message = {
  disconnect: 1,
  ignore: 2,
  serviceAccept: 6,
  extInfo: 7,
  kexInit: 20,
  newKeys: 21,
  kexReply: 31,
  authSuccess: 52,
  globalRequest: 80,
  requestSuccess: 81,
  requestFailure: 82,
  channelOpen: 90,
} as const

/** What a script can do to one client. */
export interface RoguePeer {
  /**
   * Sends a message as it is: in clear text before the server's keys are in use, encrypted from then on. A number is
   * sent as a uint32, a text as a string (RFC 4251 5), and bytes as they are.
   */
  send(type: number, ...fields: readonly (number | string | Buffer)[]): void
  /** Exchanges keys again, showing this host key. Before the first exchange: shows it in that one. */
  rekey(hostKey: KeyPair): void
  /** Ends the connection, after what was sent. */
  hangUp(): void
}

/** When the script acts. Nothing is sent before the client has said its version. */
export interface RogueScript {
  /** Before the server's first message. */
  readonly onVersion?: ((peer: RoguePeer) => void) | undefined
  /** Just before the server's own message of that number leaves in clear text. */
  readonly before?: { readonly type: number; readonly act: (peer: RoguePeer) => void } | undefined
  /** The first key exchange is complete. */
  readonly onKeys?: ((peer: RoguePeer) => void) | undefined
  /** In place of the answer to the client's request for a service. */
  readonly onService?: ((peer: RoguePeer) => void) | undefined
  /** In place of the answer to each offer to authenticate. */
  readonly onOffer?: ((peer: RoguePeer) => void) | undefined
  /** The client is in. */
  readonly onOpen?: ((peer: RoguePeer) => void) | undefined
  /** In place of the answer to a global request, `tcpip-forward` and the like; its data as ssh2 has read it. */
  readonly onGlobalRequest?: ((peer: RoguePeer, name: string, data: unknown) => void) | undefined
  /** What the client says to a channel that was asked for: the reason of its refusal, or 0 for its confirmation. */
  readonly onChannelAnswer?: ((peer: RoguePeer, id: number, reason: number) => void) | undefined
}

export interface RogueOptions {
  readonly hostKey: KeyPair
  readonly script?: RogueScript | undefined
  /** Do not offer strict key exchange, like servers from before 2024. */
  readonly strictKex?: false | undefined
  /** Offer these only. */
  readonly ciphers?: readonly string[] | undefined
}

export interface RogueServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** For known_hosts. */
  readonly knownHostsLine: string
  /** What clients asked for to log in, in order: `service`, and the methods they offered. */
  readonly requests: readonly string[]
  /** How many connections are open now. */
  live(): number
}

export async function startRogueServer(options: RogueOptions): Promise<RogueServer> {
  const { hostKey, script = {} } = options
  const host = randomLoopback()
  const sockets = new Set<Socket>()
  const requests: string[] = []
  const engine = new ssh2.Server({
    hostKeys: [readFileSync(hostKey.file)],
    keepaliveInterval: 2 ** 31 - 1,
    ...(options.ciphers === undefined ? {} : { algorithms: { cipher: options.ciphers as never } }),
  })
  engine.on('connection', (client) => {
    const protocol = (client as unknown as { readonly _protocol: Protocol })._protocol
    const peer = createPeer(client, protocol)
    if (options.strictKex === false) withoutStrictKex(protocol)
    client.on('error', () => undefined)
    watchPlainMessages(protocol, (type) => {
      if (type === script.before?.type) script.before.act(peer)
    })
    const { SERVICE_REQUEST, USERAUTH_REQUEST } = protocol._handlers
    protocol._handlers.SERVICE_REQUEST = (...request) => {
      requests.push('service')
      if (script.onService === undefined) SERVICE_REQUEST(...request)
      else script.onService(peer)
    }
    protocol._handlers.USERAUTH_REQUEST = (...request) => {
      requests.push(String(request[3]))
      if (script.onOffer === undefined) USERAUTH_REQUEST(...request)
      else script.onOffer(peer)
    }
    if (script.onGlobalRequest !== undefined) {
      protocol._handlers.GLOBAL_REQUEST = (_, name, _wantReply, data) =>
        script.onGlobalRequest?.(peer, String(name), data)
    }
    if (script.onChannelAnswer !== undefined) {
      const { onChannelAnswer } = script
      protocol._handlers.CHANNEL_OPEN_CONFIRMATION = (_, confirmed) =>
        onChannelAnswer(peer, (confirmed as { readonly recipient: number }).recipient, 0)
      protocol._handlers.CHANNEL_OPEN_FAILURE = (_, id, reason) =>
        onChannelAnswer(peer, Number(id), Number(reason))
    }
    client.once('handshake', () => script.onKeys?.(peer))
    client.on('authentication', (context) => context.accept())
    client.on('ready', () => script.onOpen?.(peer))
    client.on('session', (accept) =>
      accept().on('exec', (start) => {
        const channel = start()
        channel.write('ok\n')
        channel.exit(0)
        channel.end()
      }),
    )
    script.onVersion?.(peer)
  })
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    engine.injectSocket(socket)
  })
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
  const { port } = address
  return {
    host,
    port,
    knownHostsLine: `[${host}]:${port} ${hostKey.publicLine}\n`,
    requests,
    live: () => sockets.size,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** The parts of ssh2 1.17 that it does not show. */
interface Protocol {
  _offer: { readonly lists: KexLists }
  _strictMode: boolean | undefined
  _hostKeys: Record<string, unknown>
  readonly _cipher: { encrypt(packet: Buffer): void }
  readonly _packetRW: {
    readonly write: {
      readonly allocStartKEX: number
      alloc(length: number, force: true): Buffer
      finalize(packet: Buffer, force: true): Buffer
    }
  }
  readonly _handlers: Record<HandlerName, (...request: unknown[]) => void>
  rekey(): void
}

type HandlerName =
  | 'SERVICE_REQUEST'
  | 'USERAUTH_REQUEST'
  | 'GLOBAL_REQUEST'
  | 'CHANNEL_OPEN_CONFIRMATION'
  | 'CHANNEL_OPEN_FAILURE'

type Names = { readonly array: readonly string[] }
type Way = { readonly [list in 'cipher' | 'mac' | 'compress' | 'lang']: Names }
interface KexLists {
  readonly kex: Names
  readonly serverHostKey: Names
  readonly cs: Way
  readonly sc: Way
}

const { KexInit } = createRequire(import.meta.url)('ssh2/lib/protocol/kex.js') as {
  readonly KexInit: new (lists: object) => Protocol['_offer']
}

function createPeer(client: ServedClient, protocol: Protocol): RoguePeer {
  return {
    send(type, ...fields) {
      const payload = Buffer.concat([Buffer.from([type]), ...fields.map(encode)])
      const { write } = protocol._packetRW
      const at = write.allocStartKEX
      const packet = write.alloc(payload.length, true)
      packet.set(payload, at)
      protocol._cipher.encrypt(write.finalize(packet, true))
    },
    rekey(hostKey) {
      const key = ssh2.utils.parseKey(readFileSync(hostKey.file))
      if (key instanceof Error) throw key
      protocol._hostKeys = { [key.type]: key }
      protocol.rekey()
    },
    hangUp: () => void client.end(),
  }
}

function encode(field: number | string | Buffer): Buffer {
  if (typeof field === 'object') return field
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(typeof field === 'number' ? field : Buffer.byteLength(field))
  return typeof field === 'number' ? bytes : Buffer.concat([bytes, Buffer.from(field)])
}

function withoutStrictKex(protocol: Protocol): void {
  const names = (way: Way) =>
    Object.fromEntries(Object.entries(way).map(([name, { array }]) => [name, array.slice()]))
  const { kex, serverHostKey, cs, sc } = protocol._offer.lists
  protocol._offer = new KexInit({
    kex: kex.array.filter((name) => !name.startsWith('kex-strict-')),
    serverHostKey: serverHostKey.array.slice(),
    cs: names(cs),
    sc: names(sc),
  })
  protocol._strictMode = false
}

/** Tells the number of each message that leaves before there are keys. */
function watchPlainMessages(protocol: Protocol, told: (type: number) => void): void {
  const cipher = protocol._cipher
  const encrypt = cipher.encrypt.bind(cipher)
  cipher.encrypt = (packet) => {
    // The length, the length of the padding, and then the message.
    const type = packet[5]
    if (type !== undefined) told(type)
    encrypt(packet)
  }
}
