// What we touch of ssh2 for what a server listens on for us: the other half of ssh2-engine.ts, under the same rules.

import type { Client, ClientChannel } from 'ssh2'
import type { Address } from '../dialer.js'

interface Internals {
  /** Which forwards ssh2 thinks it has asked for; emptied, so that it refuses all that is not let in here. */
  _forwarding: Record<string, number>
  _forwardingUnix: Record<string, true>
  /** The queue of answers to global requests, which come in order. */
  readonly _callbacks: ((failed: unknown, data?: Buffer | null) => void)[]
  readonly _protocol: {
    readonly _handlers: { CHANNEL_OPEN: (protocol: unknown, info: OpenedByServer) => void }
    tcpipForward(host: string, port: number, wantReply: boolean): void
    cancelTcpipForward(host: string, port: number, wantReply: boolean): void
    openssh_streamLocalForward(path: string, wantReply: boolean): void
    openssh_cancelStreamLocalForward(path: string, wantReply: boolean): void
    channelOpenFail(recipient: number, reason: number, text: string): void
  }
}

/** A channel that the server asks for (RFC 4254 5.1), as ssh2 has parsed it. */
interface OpenedByServer {
  readonly type: string
  readonly sender: number
  readonly packetSize: number
  readonly data: TcpConnection & { readonly socketPath?: string }
}

interface TcpConnection {
  readonly destIP?: string
  readonly destPort?: number
  readonly srcIP?: string
  readonly srcPort?: number
}

/** What a server says to the request to listen. */
export type ListenAnswer =
  | { readonly listens: true; readonly port: number | undefined }
  | { readonly listens: false }

/**
 * Asks the server to listen (RFC 4254 7.1, PROTOCOL 2.4 of OpenSSH); `answered` is called within the handling of the
 * answer, and with a refusal when the connection is lost. ssh2 1.17's own methods keep books of their own, in which a
 * forward that was given up is never let go of.
 */
export function requestListen(
  client: Client,
  { address, answered }: { readonly address: Address; readonly answered: (answer: ListenAnswer) => void },
): void {
  const { _callbacks, _protocol } = internalsOf(client)
  _callbacks.push((failed, data) => {
    const port = data !== undefined && data !== null && data.length >= 4 ? data.readUInt32BE(0) : undefined
    answered(failed ? { listens: false } : { listens: true, port })
  })
  if ('path' in address) _protocol.openssh_streamLocalForward(address.path, true)
  else _protocol.tcpipForward(address.host, address.port, true)
}

/** Asks the server to stop listening; `answered` is called whatever it says to that. */
export function cancelListen(
  client: Client,
  { address, answered }: { readonly address: Address; readonly answered: () => void },
): void {
  const { _callbacks, _protocol } = internalsOf(client)
  _callbacks.push(() => answered())
  if ('path' in address) _protocol.openssh_cancelStreamLocalForward(address.path, true)
  else _protocol.cancelTcpipForward(address.host, address.port, true)
}

/** A connection that the server hands over: `accept` or `refuse` is called once, while the client is connected. */
export interface OfferedChannel {
  readonly from: { readonly host: string; readonly port: number } | undefined
  accept(): ClientChannel
  /** SSH_OPEN_CONNECT_FAILED. */
  refuse(): void
}

const administrativelyProhibited = 1
const nothing = Object.freeze(Object.create(null) as Record<string, never>)

/**
 * Puts each connection that the server hands over to `find`, by the place that the server names, and passes it to what
 * that returns; it is refused where that is nothing. All else that a server may open goes to ssh2, which knows what it
 * has asked for itself. ssh2 1.17 takes the path `constructor` for a socket that was asked for, because its books have a
 * prototype, and leaves what it lets in without an answer when nobody listens to its event; and it would write for ever
 * to a channel with packets of no bytes.
 */
export function takeOfferedChannels(
  client: Client,
  find: (place: Address) => ((channel: OfferedChannel) => void) | undefined,
): void {
  const internals = internalsOf(client)
  const { _handlers } = internals._protocol
  const { CHANNEL_OPEN } = _handlers
  internals._forwarding = nothing
  internals._forwardingUnix = nothing
  _handlers.CHANNEL_OPEN = (protocol, info) => {
    const place = findPlace(info)
    const take = place === undefined || info.packetSize === 0 ? undefined : find(place)
    if (place === undefined) CHANNEL_OPEN(protocol, info)
    else if (take === undefined)
      internals._protocol.channelOpenFail(info.sender, administrativelyProhibited, '')
    else letIn({ client, info, open: () => CHANNEL_OPEN(protocol, info) }, take)
  }
}

function findPlace({ type, data }: OpenedByServer): Address | undefined {
  if (type === 'forwarded-tcpip') return { host: data.destIP ?? '', port: data.destPort ?? 0 }
  return type === 'forwarded-streamlocal@openssh.com' ? { path: data.socketPath ?? '' } : undefined
}

/** Has ssh2 believe, for this one channel, that it was asked for, and takes what it then emits. */
function letIn(
  {
    client,
    info,
    open,
  }: { readonly client: Client; readonly info: OpenedByServer; readonly open: () => void },
  take: (channel: OfferedChannel) => void,
): void {
  const internals = internalsOf(client)
  const { destIP = '', destPort = 0, srcIP = '', srcPort = 0, socketPath = '' } = info.data
  const from = info.type === 'forwarded-tcpip' ? { host: srcIP, port: srcPort } : undefined
  const offered = (_data: unknown, accept: () => ClientChannel, refuse: () => void) =>
    take({ from, accept, refuse })
  const event = from === undefined ? 'unix connection' : 'tcp connection'
  const books = <T>(key: string, value: T): Record<string, T> =>
    Object.assign(Object.create(null), { [key]: value })
  internals._forwarding = books(`${destIP}:${destPort}`, destPort)
  internals._forwardingUnix = books(socketPath, true)
  client.once(event as 'tcp connection', offered as never)
  try {
    open()
  } finally {
    client.off(event as 'tcp connection', offered as never)
    internals._forwarding = nothing
    internals._forwardingUnix = nothing
  }
}

function internalsOf(client: Client): Internals {
  return client as unknown as Internals
}
