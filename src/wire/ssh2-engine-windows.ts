// What we touch of ssh2 for the windows of channels: a part of ssh2-engine.ts, under the same rules.

import type { Client, ClientChannel } from 'ssh2'

interface ChannelInternals {
  readonly _client: { readonly _protocol: { channelWindowAdjust(channelId: number, bytes: number): void } }
  readonly incoming: { window: number; readonly packetSize: number }
  readonly outgoing: {
    readonly id: number
    readonly state: 'open' | 'eof' | 'closing' | 'closed'
    readonly window: number
  }
}

interface ClientInternals {
  readonly _protocol: {
    readonly _handlers: {
      CHANNEL_DATA: (protocol: unknown, channelId: number, data: Buffer) => void
      CHANNEL_EXTENDED_DATA: (protocol: unknown, channelId: number, data: Buffer, type: number) => void
      CHANNEL_WINDOW_ADJUST: (protocol: unknown, channelId: number, bytes: number) => void
    }
  }
  /** Has a function for each channel that is being opened, and an object for each that is open. */
  readonly _chanMgr: { get(channelId: number): unknown }
}

/** The same object for all channels of a connection. */
export function connectionOf(channel: ClientChannel): object {
  return internalsOf(channel)._client
}

/** What the server may still send on a channel. */
export function creditOf(channel: ClientChannel): number {
  return internalsOf(channel).incoming.window
}

/**
 * Lets the server send so much more (SSH_MSG_CHANNEL_WINDOW_ADJUST), in ssh2's own books as well: it would drop what
 * comes when they are at zero. ssh2 1.17 fills windows up to 2 MiB by itself, and leaves larger ones alone.
 */
export function giveCredit(channel: ClientChannel, bytes: number): void {
  const { _client, incoming, outgoing } = internalsOf(channel)
  if (outgoing.state !== 'open' && outgoing.state !== 'eof') return
  incoming.window += bytes
  _client._protocol.channelWindowAdjust(outgoing.id, bytes)
}

/** Tells of each piece of data when it comes in, before it is read. ssh2 1.17 tells when it is read only. */
export function watchArrivals(channel: ClientChannel, told: (bytes: number) => void): void {
  // Both have the one window.
  for (const stream of [channel, channel.stderr]) {
    const push = stream.push.bind(stream)
    stream.push = (piece: Buffer | null, encoding?: BufferEncoding) => {
      if (piece !== null) told(piece.length)
      return push(piece, encoding)
    }
  }
}

const maxWindow = 2 ** 32 - 1

/**
 * Calls `broken`, with what it did, when the server sends more on a channel than it may, or lets us send more than can
 * be counted (RFC 4254 5.2); ssh2 does not see that message. ssh2 1.17 keeps whatever comes beyond the window, however
 * much, and drops what comes when the window is at zero to the byte.
 */
export function watchWindows(client: Client, broken: (how: string) => void): void {
  const { _protocol, _chanMgr } = client as unknown as ClientInternals
  const { _handlers } = _protocol
  const { CHANNEL_DATA, CHANNEL_EXTENDED_DATA, CHANNEL_WINDOW_ADJUST } = _handlers
  const find = (channelId: number): ChannelInternals | undefined => {
    const entry = _chanMgr.get(channelId)
    return typeof entry === 'object' && entry !== null ? (entry as ChannelInternals) : undefined
  }
  const findExcess = (channelId: number, { length }: Buffer): string | undefined => {
    const incoming = find(channelId)?.incoming
    if (incoming === undefined) return
    if (length > incoming.packetSize) return 'sent a larger packet than a channel takes'
    return length > incoming.window ? 'sent more than the window of a channel' : undefined
  }
  _handlers.CHANNEL_DATA = (protocol, channelId, data) => {
    const excess = findExcess(channelId, data)
    if (excess === undefined) CHANNEL_DATA(protocol, channelId, data)
    else broken(excess)
  }
  _handlers.CHANNEL_EXTENDED_DATA = (protocol, channelId, data, type) => {
    const excess = findExcess(channelId, data)
    if (excess === undefined) CHANNEL_EXTENDED_DATA(protocol, channelId, data, type)
    else broken(excess)
  }
  _handlers.CHANNEL_WINDOW_ADJUST = (protocol, channelId, bytes) => {
    const window = find(channelId)?.outgoing.window ?? 0
    if (window + bytes <= maxWindow) CHANNEL_WINDOW_ADJUST(protocol, channelId, bytes)
    else broken('opened the window of a channel beyond its limit')
  }
}

function internalsOf(channel: ClientChannel): ChannelInternals {
  return channel as unknown as ChannelInternals
}
