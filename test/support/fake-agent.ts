// An agent on a unix socket that really signs, or fails in the way that was asked for. Protocol: draft-ietf-sshm-ssh-agent.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { scratchDir } from './run-dir.js'

/**
 * `hang` never answers, `garbage` answers with noise, `oversized` announces a message of 2 GiB, `refuse` says FAILURE
 * to everything, `hang-at-sign`, `die-at-sign` and `refuse-at-sign` list the keys and fail when one is to be used.
 */
export type AgentFault =
  | 'hang'
  | 'garbage'
  | 'oversized'
  | 'refuse'
  | 'hang-at-sign'
  | 'die-at-sign'
  | 'refuse-at-sign'

export interface FakeAgentOptions {
  /** How many ed25519 keys it holds. Default 1. */
  readonly keyCount?: number | undefined
  readonly fault?: AgentFault | undefined
}

export interface FakeAgent extends AsyncDisposable {
  readonly socket: string
  /** What authorized_keys wants, in the order in which the keys are listed. */
  readonly publicLines: readonly string[]
  /** The public lines of the keys that were asked to sign, in order. */
  readonly signed: readonly string[]
  /** How many clients are connected now. */
  live(): number
  /** Drops its clients, as if it had died. */
  hangUp(): void
}

interface Identity {
  readonly blob: Buffer
  readonly line: string
  readonly privateKey: KeyObject
}

export async function startFakeAgent(options: FakeAgentOptions = {}): Promise<FakeAgent> {
  const { keyCount = 1, fault } = options
  const identities = Array.from({ length: keyCount }, newIdentity)
  const signed: string[] = []
  const sockets = new Set<Socket>()

  const answer = (request: Buffer): Buffer | 'nothing' | 'die' => {
    if (fault === 'hang') return 'nothing'
    if (fault === 'garbage') return message(0xee, Buffer.from('\x1b]noise'))
    if (fault === 'oversized') return Buffer.from([0x7f, 0xff, 0xff, 0xff, identitiesAnswer])
    if (fault !== 'refuse' && request[0] === requestIdentities) {
      const keys = identities.flatMap(({ blob }, index) => [text(blob), text(`key ${index + 1}`)])
      return message(identitiesAnswer, uint32(identities.length), ...keys)
    }
    if (fault !== 'refuse' && request[0] === signRequest) {
      const blob = request.subarray(5, 5 + request.readUInt32BE(1))
      const start = 5 + blob.length
      const data = request.subarray(start + 4, start + 4 + request.readUInt32BE(start))
      const identity = identities.find((candidate) => candidate.blob.equals(blob))
      if (identity === undefined) return message(failure)
      signed.push(identity.line)
      if (fault === 'hang-at-sign') return 'nothing'
      if (fault === 'die-at-sign') return 'die'
      if (fault === 'refuse-at-sign') return message(failure)
      const signature = Buffer.concat([text('ssh-ed25519'), text(sign(null, data, identity.privateKey))])
      return message(signResponse, text(signature))
    }
    return message(failure)
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    let rest: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
        const reply = answer(rest.subarray(4, 4 + rest.readUInt32BE(0)))
        rest = rest.subarray(4 + rest.readUInt32BE(0))
        if (reply === 'die') socket.destroy()
        else if (reply !== 'nothing') socket.write(reply)
      }
    })
  })
  const socket = join(scratchDir('fake-agent'), 'socket')
  server.listen(socket)
  await once(server, 'listening')
  return {
    socket,
    publicLines: identities.map(({ line }) => line),
    signed,
    live: () => sockets.size,
    hangUp() {
      for (const open of sockets) open.destroy()
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const open of sockets) open.destroy()
      await closed
    },
  }
}

const failure = 5
const requestIdentities = 11
const identitiesAnswer = 12
const signRequest = 13
const signResponse = 14

function newIdentity(): Identity {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const blob = Buffer.concat([text('ssh-ed25519'), text(raw)])
  return { blob, line: `ssh-ed25519 ${blob.toString('base64')}`, privateKey }
}

function message(type: number, ...parts: readonly Buffer[]): Buffer {
  return text(Buffer.concat([Buffer.from([type]), ...parts]))
}

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint32(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
