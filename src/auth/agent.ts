// The SSH agent protocol (draft-miller-ssh-agent), as far as logging in needs it: which keys there are, and signing.
// Each call has a socket of its own, a time limit and a bound on what it reads. Which keys to use is for public-keys.ts.

import { connect } from 'node:net'
import { SallyportError } from '../errors.js'
import { printable } from '../printable.js'
import { sshReader, sshString, sshUint32 } from '../wire/ssh-string.js'

/** The agent answers from memory. */
export const listTimeoutMs = 5_000
/** A person may have to confirm, or to type a PIN for a device. This is the only limit: the phase has none meanwhile. */
export const signTimeoutMs = 60_000
/** OpenSSH's own limit for a message. */
const maxMessageBytes = 256 * 1024

const requestIdentities = 11
const identitiesAnswer = 12
const signRequest = 13
const signResponse = 14
const signFlags: Readonly<Record<string, number>> = { 'rsa-sha2-256': 2, 'rsa-sha2-512': 4 }

export interface AgentCall {
  /** The path of the agent's socket. */
  readonly socket: string
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** A key that an agent holds, of any type. */
export interface AgentKey {
  readonly blob: Buffer
  readonly comment: string
}

/** The agent's keys in its order. Rejects with `AGENT_UNUSABLE`, or with the signal's reason. */
export async function listAgentKeys(call: AgentCall): Promise<readonly AgentKey[]> {
  const reply = await exchange(Buffer.of(requestIdentities), call)
  return readReply(reply, identitiesAnswer, (body) => {
    const reader = sshReader(body)
    return Array.from({ length: Math.min(reader.uint32(), maxMessageBytes) }, () => ({
      blob: reader.string(),
      comment: reader.string().toString(),
    }))
  })
}

/**
 * Has the agent sign with one of its keys; resolves to the blob of RFC 4253 6.6. Rejects with `AGENT_UNUSABLE`, or with
 * the signal's reason.
 */
export async function signWithAgent(
  request: { readonly blob: Buffer; readonly data: Buffer; readonly algorithm: string },
  call: AgentCall,
): Promise<Buffer> {
  const { blob, data, algorithm } = request
  const message = Buffer.concat([
    Buffer.of(signRequest),
    sshString(blob),
    sshString(data),
    sshUint32(signFlags[algorithm] ?? 0),
  ])
  const signature = readReply(await exchange(message, call), signResponse, (body) => sshReader(body).string())
  const used = readReply(signature, undefined, (body) => sshReader(body).string().toString('latin1'))
  if (used !== algorithm) throw unusable(`signed with ${printable(used, 60)} instead of ${algorithm}`)
  return signature
}

/** Sends one message and resolves to the body of the answer. The socket is gone when it settles. */
async function exchange(message: Buffer, { socket: path, signal, timeoutMs }: AgentCall): Promise<Buffer> {
  signal.throwIfAborted()
  const socket = connect(path)
  let stop: (() => void) | undefined
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      let received = Buffer.alloc(0)
      stop = () => reject(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      timer = setTimeout(() => reject(unusable(`gave no answer within ${timeoutMs / 1000} s`)), timeoutMs)
      socket.on('error', (cause) =>
        reject(unusable(`could not be reached: ${(cause as NodeJS.ErrnoException).code}`, cause)),
      )
      socket.on('close', () => reject(unusable('closed the connection without an answer')))
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk])
        if (received.length < 4) return
        const length = received.readUInt32BE()
        if (length === 0 || length > maxMessageBytes) reject(unusable('gave an answer that makes no sense'))
        else if (received.length >= 4 + length) resolve(received.subarray(4, 4 + length))
      })
      socket.write(sshString(message))
    })
  } finally {
    clearTimeout(timer)
    if (stop !== undefined) signal.removeEventListener('abort', stop)
    socket.destroy()
  }
}

/** Reads an answer of the given type; without a type, the bytes as they are. */
function readReply<T>(reply: Buffer, type: number | undefined, read: (body: Buffer) => T): T {
  if (type !== undefined && reply[0] !== type) throw unusable('refused the request')
  try {
    return read(type === undefined ? reply : reply.subarray(1))
  } catch (cause) {
    throw unusable('gave an answer that makes no sense', cause)
  }
}

function unusable(what: string, cause?: unknown): SallyportError {
  return new SallyportError('AGENT_UNUSABLE', `the agent ${what}`, { phase: 'authentication', cause })
}
