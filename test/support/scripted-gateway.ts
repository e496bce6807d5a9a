// A gateway whose answers to SSH_MSG_CHANNEL_OPEN a test writes itself, message by message (RFC 4254 5.1): for what no
// honest server sends. It lets everybody in, answers no command, and keeps to ssh2's own rules up to there.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import ssh2 from 'ssh2'
import { Connection, type ConnectionOptions } from '../../src/index.js'
import { keyPair } from './keys.js'
import { knownHostsFile } from './link-up.js'
import { randomLoopback } from './sshd.js'

/** What a client asked for. */
export interface ChannelRequest {
  /** The client's number for the channel: the recipient of all that is said about it. */
  readonly id: number
  /** Empty for a session. */
  readonly host: string
  readonly port: number
  readonly say: Sayings
}

/** The messages that can be sent, and the events of the channel. */
export interface Sayings {
  confirm(recipient: number, window?: number): void
  data(recipient: number, bytes: string | Uint8Array): void
  eof(recipient: number): void
  close(recipient: number): void
  /** Says goodbye (RFC 4253 11.1). */
  disconnect(): void
  /** Sends all that is said within as one piece of TCP. */
  atOnce(say: () => void): void
  /** Passes on what the client sends on this channel. */
  onData(recipient: number, take: (bytes: Buffer) => void): void
  /** Told when the client has closed the channel. */
  onClose(recipient: number, told: () => void): void
}

export interface ScriptedGateway extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** The requests so far. */
  readonly requests: readonly ChannelRequest[]
  /** The client's numbers of the channels that it has closed, in order. */
  readonly closed: readonly number[]
  /** What the client asked for on its channels: `exec`, `shell`, `pty-req` … */
  readonly asked: readonly string[]
  /** A connection to it, not open yet. */
  connection(options?: ConnectionOptions): Connection
}

/** ssh2's server connection below its public interface. */
interface Internals {
  readonly _sock: Socket
  readonly _protocol: {
    readonly _handlers: Record<string, (protocol: unknown, ...args: never[]) => void>
    channelOpenConfirm(recipient: number, sender: number, window: number, packetSize: number): void
    channelData(recipient: number, bytes: Buffer): void
    channelEOF(recipient: number): void
    channelClose(recipient: number): void
    disconnect(reason: number): void
  }
}

interface ChannelOpen {
  readonly sender: number
  readonly data?: { readonly destIP?: string; readonly destPort?: number } | undefined
}

/** Starts a gateway that runs the script for each channel that is asked for. */
export async function startScriptedGateway(
  script: (request: ChannelRequest) => void,
): Promise<ScriptedGateway> {
  const host = randomLoopback()
  const key = await keyPair('host-1')
  const sockets = new Set<Socket>()
  const requests: ChannelRequest[] = []
  const closed: number[] = []
  const asked: string[] = []
  const server = new ssh2.Server({ hostKeys: [readFileSync(key.file)] }, (connection) => {
    connection.on('error', () => undefined)
    connection.on('authentication', (attempt) => attempt.accept())
    const internals = connection as unknown as Internals
    const { _sock: socket, _protocol: protocol } = internals
    sockets.add(socket)
    const takers = new Map<number, (bytes: Buffer) => void>()
    const told = new Map<number, () => void>()
    const say: Sayings = {
      // Our number for a channel is the client's number for it.
      confirm: (id, window = 2 ** 21) => protocol.channelOpenConfirm(id, id, window, 32_768),
      data: (id, bytes) => protocol.channelData(id, Buffer.from(bytes)),
      eof: (id) => protocol.channelEOF(id),
      close: (id) => protocol.channelClose(id),
      disconnect: () => protocol.disconnect(2),
      atOnce: (speak) => {
        socket.cork()
        speak()
        socket.uncork()
      },
      onData: (id, take) => void takers.set(id, take),
      onClose: (id, tell) => void told.set(id, tell),
    }
    Object.assign(protocol._handlers, {
      CHANNEL_OPEN: (_: unknown, open: ChannelOpen) => {
        const { destIP = '', destPort = 0 } = open.data ?? {}
        const request = { id: open.sender, host: destIP, port: destPort, say }
        requests.push(request)
        script(request)
      },
      CHANNEL_DATA: (_: unknown, id: number, bytes: Buffer) => takers.get(id)?.(bytes),
      CHANNEL_REQUEST: (_: unknown, _id: number, type: string) => void asked.push(type),
      CHANNEL_EOF: () => undefined,
      CHANNEL_CLOSE: (_: unknown, id: number) => {
        closed.push(id)
        told.get(id)?.()
      },
      CHANNEL_WINDOW_ADJUST: () => undefined,
    })
  })
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    host,
    port,
    requests,
    closed,
    asked,
    connection: (options = {}) =>
      new Connection(host, {
        user: 'anybody',
        port,
        identityFile: [key.file],
        identityAgent: 'none',
        userKnownHostsFile: [knownHostsFile(`[${host}]:${port} ${key.publicLine}\n`)],
        globalKnownHostsFile: [],
        ...options,
      }),
    async [Symbol.asyncDispose]() {
      const ended = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await ended
    },
  }
}
