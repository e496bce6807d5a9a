// A TCP proxy that changes nothing and keeps every byte: what somebody on the way, a gateway for instance, gets to see.

import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import { randomLoopback } from './sshd.js'

export interface Recorder extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** What passed from clients to the server so far, all connections one after the other. */
  toServer(): Buffer
  toClient(): Buffer
}

/** Starts a recording proxy to that address, on an address of its own. */
export async function startRecorder(target: {
  readonly host: string
  readonly port: number
}): Promise<Recorder> {
  const host = randomLoopback()
  const toServer: Buffer[] = []
  const toClient: Buffer[] = []
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (client) => {
    const onward = dial({ ...target, noDelay: true })
    for (const [from, to, bytes] of [
      [client, onward, toServer],
      [onward, client, toClient],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.on('data', (chunk: Buffer) => bytes.push(chunk))
      from.pipe(to)
    }
  })
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
  return {
    host,
    port: address.port,
    toServer: () => Buffer.concat(toServer),
    toClient: () => Buffer.concat(toClient),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** The messages in clear text at the start of one direction: the number of each and the offset where it ends. */
export interface PlainMessages {
  /** Where the version line ends. */
  readonly versionEnd: number
  /** SSH_MSG_KEXINIT (20) to SSH_MSG_NEWKEYS (21), after which nothing is readable. */
  readonly messages: readonly { readonly type: number; readonly end: number }[]
}

/** Reads one direction of a connection up to its first SSH_MSG_NEWKEYS (RFC 4253 6). */
export function readPlainMessages(bytes: Buffer): PlainMessages {
  const versionEnd = bytes.indexOf('\n') + 1
  const messages: { type: number; end: number }[] = []
  let at = versionEnd
  while (messages.at(-1)?.type !== 21) {
    const type = bytes.readUInt8(at + 5)
    at += 4 + bytes.readUInt32BE(at)
    messages.push({ type, end: at })
  }
  return { versionEnd, messages }
}
