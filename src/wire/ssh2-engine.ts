// What we touch of ssh2 beyond its public interface, all in one place, each with the fault that makes it necessary; what
// is about forwards by the server, and about windows, is in the other ssh2-engine-*.ts.
// ssh2 is pinned to an exact version; test/contract/ssh2-engine.test.ts fails when one of these is no longer there.

import { createRequire } from 'node:module'
import type { Channel, Client, ClientChannel } from 'ssh2'

/** The handlers of incoming messages that are watched during authentication. */
export interface AuthHandlers {
  /** ssh2 1.17 keeps the server's list of methods and its partial success to itself after an agent's key failed. */
  USERAUTH_FAILURE: (protocol: unknown, methods: string[], partialSuccess: boolean) => void
  /** ssh2 1.17 takes a success for granted that answers no request (compare CVE-2023-46446). */
  USERAUTH_SUCCESS: (protocol: unknown) => void
  /** ssh2 1.17 answers rounds without prompts by itself, for ever. */
  USERAUTH_INFO_REQUEST: (protocol: unknown, ...round: unknown[]) => void
  /** ssh2 1.17 chooses among all that the server takes, and asks nobody what we accept. */
  EXT_INFO: (protocol: unknown, extensions: readonly Extension[]) => void
  /** ssh2 1.17 begins to authenticate again with every acceptance. */
  SERVICE_ACCEPT: (protocol: unknown, name: string) => void
}

/** An extension that the server announces (RFC 8308); `server-sig-algs` has the algorithms that it takes. */
interface Extension {
  readonly name: string
  readonly algs?: readonly string[]
}

interface Internals {
  readonly _protocol: {
    /** `undefined` before the server's first SSH_MSG_KEXINIT, which decides. */
    readonly _strictMode: boolean | undefined
    readonly _handlers: AuthHandlers & {
      DISCONNECT: (protocol: unknown, reason: number, text: string) => void
      GLOBAL_REQUEST: (protocol: unknown, name: string, wantReply: boolean, data: unknown) => void
      CHANNEL_CLOSE: (protocol: unknown, channelId: number) => void
      CHANNEL_OPEN_CONFIRMATION: (
        protocol: unknown,
        info: { readonly recipient: number; readonly packetSize: number },
      ) => void
    }
    readonly _packetRW: {
      readonly write: {
        readonly allocStart: number
        alloc(bytes: number): Buffer
        finalize(packet: Buffer): Buffer
      }
    }
    ping(): void
    signal(channelId: number, name: string): void
    windowChange(channelId: number, rows: number, columns: number, height: number, width: number): void
  }
  /** The queue of answers to global requests, which come in order. */
  readonly _callbacks: ((failed: unknown, data?: Buffer) => void)[]
  /** Has a function for each channel that is being opened, and an object for each that is open. */
  readonly _chanMgr: {
    get(channelId: number): unknown
    /** Reserves a number for what is being opened; -1 when all are taken. */
    add(opened: OnOpened): number
    update(channelId: number, opened: OnOpened): void
  }
}

/** Told that a channel was opened, or why not. */
type OnOpened = ((error: unknown, channel?: ClientChannel) => void) & { readonly type?: string }

/** The handlers of a client on which `connect` was called; they may be replaced. */
export function authHandlersOf(client: Client): AuthHandlers {
  return internalsOf(client)._protocol._handlers
}

/**
 * Whether the keys are exchanged strictly (CVE-2023-48795): both sides have offered it, and ssh2 holds the server to it.
 * ssh2 1.17 negotiates it without a word to its user. False before the server's offer.
 */
export function usesStrictKex(client: Client): boolean {
  return internalsOf(client)._protocol._strictMode === true
}

const disconnectedByApplication = 11

/**
 * Makes a client on which `connect` was called emit every SSH_MSG_DISCONNECT as an error (RFC 4253 11.1). ssh2 1.17 keeps
 * those with the reason "by application" to itself, and with them what the server says.
 */
export function reportEveryDisconnect(client: Client): void {
  const handlers = internalsOf(client)._protocol._handlers
  const { DISCONNECT } = handlers
  handlers.DISCONNECT = (protocol, reason, text) => {
    if (reason === disconnectedByApplication) {
      client.emit('error', Object.assign(new Error(text || 'no reason given'), { code: reason }))
    }
    DISCONNECT(protocol, reason, text)
  }
}

/**
 * Passes over a server's announcement of its other host keys, which we do not record. ssh2 1.17 would have the server
 * prove each of them on every connection, for nobody.
 */
export function ignoreHostKeyUpdates(client: Client): void {
  const handlers = internalsOf(client)._protocol._handlers
  const { GLOBAL_REQUEST } = handlers
  handlers.GLOBAL_REQUEST = (protocol, name, wantReply, data) => {
    const passedOver = name === 'hostkeys-00@openssh.com' && !wantReply
    if (!passedOver) GLOBAL_REQUEST(protocol, name, wantReply, data)
  }
}

/**
 * Calls `unexpected` when the server confirms a channel that is not being opened (RFC 4254 5.1), or one with packets of
 * no bytes. ssh2 1.17 passes over the first, so that whoever waits for the channel that was meant waits in vain; and
 * the first write to the second would never end.
 */
export function watchConfirmations(client: Client, unexpected: () => void): void {
  const { _protocol, _chanMgr } = internalsOf(client)
  const { CHANNEL_OPEN_CONFIRMATION } = _protocol._handlers
  _protocol._handlers.CHANNEL_OPEN_CONFIRMATION = (protocol, info) => {
    const isAwaited = typeof _chanMgr.get(info.recipient) === 'function'
    if (isAwaited && info.packetSize > 0) CHANNEL_OPEN_CONFIRMATION(protocol, info)
    else unexpected()
  }
}

/**
 * Makes each channel of the client emit `closed there` when the server closes it. ssh2 1.17 emits `close` when all that
 * came before has been read, which may be never, and until then leaves a write that waits for the window alone.
 */
export function announceCloses(client: Client): void {
  const { _protocol, _chanMgr } = internalsOf(client)
  const { CHANNEL_CLOSE } = _protocol._handlers
  _protocol._handlers.CHANNEL_CLOSE = (protocol, channelId) => {
    const entry = _chanMgr.get(channelId)
    CHANNEL_CLOSE(protocol, channelId)
    if (typeof entry === 'object' && entry !== null) (entry as ClientChannel).emit('closed there')
  }
}

/**
 * Runs `request`, which asks the client for one channel. The returned function gives that channel up, at any moment
 * before the request is answered: `discard` gets it once it is open, and nothing is started on it any more. ssh2 1.17
 * would start the command however late the channel comes, and lets go of none on which a request is not answered.
 */
export function requestChannel(
  client: Client,
  { request, discard }: { readonly request: () => void; readonly discard: (channel: ClientChannel) => void },
): () => void {
  const { _chanMgr } = internalsOf(client)
  const { add } = _chanMgr
  let id = -1
  _chanMgr.add = (opened) => {
    id = add.call(_chanMgr, opened)
    return id
  }
  try {
    request()
  } finally {
    _chanMgr.add = add
  }
  return () => {
    const entry = _chanMgr.get(id)
    if (typeof entry === 'object' && entry !== null) discard(entry as ClientChannel)
    if (typeof entry !== 'function') return
    const { type } = entry as OnOpened
    const giveUp = (_error: unknown, channel?: ClientChannel) => channel !== undefined && discard(channel)
    _chanMgr.update(id, Object.assign(giveUp, type === undefined ? {} : { type }))
  }
}

/**
 * Sends keepalive@openssh.com and ignores the answer. ssh2's own keepalive counts answers only, while any byte is a
 * sign of life; and its timers keep the process alive.
 */
export function sendKeepalive(client: Client): void {
  const internals = internalsOf(client)
  internals._callbacks.push(() => {})
  internals._protocol.ping()
}

const { sendPacket } = createRequire(import.meta.url)('ssh2/lib/protocol/utils.js') as {
  readonly sendPacket: (protocol: unknown, packet: Buffer) => void
}

/** Sends an empty SSH_MSG_IGNORE (RFC 4253 11.2), for which ssh2 1.17 has no method. */
export function sendIgnore(client: Client): void {
  const protocol = internalsOf(client)._protocol
  const { write } = protocol._packetRW
  const start = write.allocStart
  const packet = write.alloc(5)
  packet.set([2, 0, 0, 0, 0], start)
  sendPacket(protocol, write.finalize(packet))
}

/**
 * Sends a signal to the command on a channel (RFC 4254 6.9). ssh2 1.17's own `signal` does nothing once our side has
 * ended the command's input, which is most of the time.
 */
export function sendSignal(channel: Channel, name: string): void {
  const { _client, outgoing } = channel as unknown as ChannelInternals
  if (outgoing.state !== 'open' && outgoing.state !== 'eof') return
  internalsOf(_client)._protocol.signal(outgoing.id, name)
}

interface ChannelInternals {
  readonly _client: Client
  readonly outgoing: { readonly id: number; state: 'open' | 'eof' | 'closing' | 'closed' }
}

function internalsOf(client: Client): Internals {
  return client as unknown as Internals
}

/** Keeps ssh2 from writing anything more for a channel whose end we have sent, such as an adjustment of its window. */
export function markClosed(channel: Channel): void {
  const { outgoing } = channel as unknown as ChannelInternals
  outgoing.state = 'closed'
}

/** Tells the size of the terminal (RFC 4254 6.7). ssh2 1.17's own `setWindow` does nothing once the input has ended. */
export function sendWindowSize(channel: Channel, columns: number, rows: number): void {
  const { _client, outgoing } = channel as unknown as ChannelInternals
  if (outgoing.state !== 'open' && outgoing.state !== 'eof') return
  internalsOf(_client)._protocol.windowChange(outgoing.id, rows, columns, 0, 0)
}

/** The names of the algorithms that the engine has, and those that it offers by itself. */
export const engineAlgorithms = createRequire(import.meta.url)('ssh2/lib/protocol/constants.js') as {
  readonly DEFAULT_KEX: readonly string[]
  readonly SUPPORTED_KEX: readonly string[]
  readonly DEFAULT_SERVER_HOST_KEY: readonly string[]
  readonly SUPPORTED_SERVER_HOST_KEY: readonly string[]
  readonly DEFAULT_CIPHER: readonly string[]
  readonly SUPPORTED_CIPHER: readonly string[]
  readonly DEFAULT_MAC: readonly string[]
  readonly SUPPORTED_MAC: readonly string[]
  readonly DEFAULT_COMPRESSION: readonly string[]
  readonly SUPPORTED_COMPRESSION: readonly string[]
}
