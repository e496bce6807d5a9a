// What we touch of ssh2 for the windows of channels: a part of ssh2-engine.ts, under the same rules.

import type { ClientChannel } from 'ssh2'

interface ChannelInternals {
  readonly _client: { readonly _protocol: { channelWindowAdjust(channelId: number, bytes: number): void } }
  readonly incoming: { window: number }
  readonly outgoing: { readonly id: number; readonly state: 'open' | 'eof' | 'closing' | 'closed' }
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

function internalsOf(channel: ClientChannel): ChannelInternals {
  return channel as unknown as ChannelInternals
}
