// What local forwards carry, through real sshd and beside the real ssh -L: bytes, half-closes, refusals, many at once.

import { execFile, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Address } from '../../src/dialer.js'
import { forwardLocal } from '../../src/forward/forward-local.js'
import { startForwardingChain, type WayIn, wayThrough } from '../support/acquire-through.js'
import type { Chain } from '../support/chain.js'
import { leakCheck } from '../support/leak-check.js'
import { ask, client, receive, type Service, startService } from '../support/peers.js'
import { scratchDir } from '../support/run-dir.js'
import { freePort } from '../support/sshd.js'

/** Answers with the digest of what it gets once that has ended, and with as many bytes again. */
function digesting(socket: Socket): void {
  const hash = createHash('sha256')
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    hash.update(chunk)
    bytes += chunk.length
  })
  socket.on('end', () => {
    const answer = randomBytes(bytes)
    const its = createHash('sha256').update(answer).digest()
    socket.end(Buffer.concat([hash.digest(), its, answer]))
  })
}

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Sends bytes to a digesting service: whether both directions were whole. */
async function exchange(address: Address, question: Buffer): Promise<string> {
  const { bytes, error } = await ask(address, question)
  if (error !== undefined) return error
  if (bytes.length !== 64 + question.length) return `${bytes.length} bytes of ${64 + question.length}`
  const [heard, its, answer] = [bytes.subarray(0, 32), bytes.subarray(32, 64), bytes.subarray(64)]
  if (heard.toString('hex') !== sha(question)) return 'the question was damaged'
  return its.toString('hex') === sha(answer) ? 'whole' : 'the answer was damaged'
}

let chain: Chain
let way: WayIn
let digest: Service
beforeAll(async () => {
  chain = await startForwardingChain(3)
  way = await wayThrough(chain)
  digest = await startService(digesting)
  const warm = await way.acquire({})
  warm.release()
})
afterAll(async () => {
  await digest[Symbol.asyncDispose]()
  await way[Symbol.asyncDispose]()
  await chain[Symbol.asyncDispose]()
})

describe('through three servers, a local forward', () => {
  leakCheck()

  test('lets nc -N end its side and still read to the end', async () => {
    await using local = await forwardLocal(way.acquire, { to: digest.address })
    const [host, port] = ['127.0.0.1', 'port' in local.address ? local.address.port : 0]
    const question = randomBytes(300_000)
    const nc = spawn('nc', ['-N', host, String(port)])
    const output: Buffer[] = []
    nc.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    nc.stdin.end(question)
    const [code] = await once(nc, 'close')
    const answer = Buffer.concat(output)
    expect({ code, bytes: answer.length }).toEqual({ code: 0, bytes: 300_064 })
    expect(answer.toString('hex', 0, 32)).toBe(sha(question))
    expect(answer.toString('hex', 32, 64)).toBe(sha(answer.subarray(64)))
    await vi.waitFor(() => expect(local.counts.open).toBe(0))
    expect(local.counts).toMatchObject({ bytesSent: 300_000, bytesReceived: 300_064 })
  })

  test('carries 200 connections of any size at once, each of them whole', { timeout: 60_000 }, async () => {
    await using local = await forwardLocal(way.acquire, { to: digest.address })
    const sizes = Array.from({ length: 200 }, (_, index) =>
      index < 5 ? index : Math.floor(2 ** (Math.random() * 18)),
    )
    const results = await Promise.all(sizes.map((size) => exchange(local.address, randomBytes(size))))
    expect(results.filter((result) => result !== 'whole')).toEqual([])
    await vi.waitFor(() => expect(local.counts.open).toBe(0))
    const sum = sizes.reduce((total, size) => total + size, 0)
    expect(local.counts).toMatchObject({
      accepted: 200,
      refused: 0,
      bytesSent: sum,
      bytesReceived: sum + 200 * 64,
    })
  })

  test('opens all of them again when the first one was lost', async () => {
    await using own = await wayThrough(chain)
    await using local = await forwardLocal(own.acquire, { to: digest.address })
    const socket = client(local.address)
    socket.write('half a question')
    await vi.waitFor(() => expect(local.counts.bytesSent).toBe(15))
    chain.at(0).killSessions()
    expect(await receive(socket)).toMatchObject({ error: 'ECONNRESET' })
    expect(await exchange(local.address, randomBytes(1000))).toBe('whole')
  })
})

/** What clients see of a forward, by what they do. */
const behaviours: Readonly<Record<string, (to: Ends) => Promise<unknown>>> = {
  'a question and its answer, after a half-close': ({ digest }) => exchange(digest, Buffer.from('hello')),
  'a megabyte each way': ({ digest }) => exchange(digest, Buffer.alloc(1_000_000, 7)),
  'nothing at all': ({ digest }) => exchange(digest, Buffer.alloc(0)),
  'a service that speaks first and ends': ({ greeting }) => receive(client(greeting)),
  'a service that ends first, and still listens': async ({ patient }) => {
    const socket = client(patient)
    const { bytes } = await new Promise<{ readonly bytes: number }>((resolve) => {
      let bytes = 0
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      socket.once('end', () => resolve({ bytes }))
    })
    socket.end('after your end')
    return { bytes, heard: await heardLast(), closed: await closing(socket) }
  },
  'a unix socket': ({ unix }) => exchange(unix, Buffer.from('hello')),
  'a port where nobody listens: its bytes': async ({ nobody }) =>
    (await ask(nobody, 'hello')).bytes.toString(),
}

interface Ends {
  readonly digest: Address
  readonly greeting: Address
  readonly patient: Address
  readonly unix: Address
  readonly nobody: Address
}

let heardLast: () => Promise<string> = () => Promise.reject(new Error('nobody listens'))

const closing = (socket: Socket): Promise<true> =>
  new Promise((resolve) => {
    if (socket.closed) resolve(true)
    else socket.once('close', () => resolve(true))
  })

describe('what clients see of a forward of ours and of ssh -L', () => {
  test.each(Object.keys(behaviours))('is the same: %s', async (name) => {
    const behave = behaviours[name]
    if (behave === undefined) throw new RangeError(name)
    const path = join(scratchDir('oracle'), 'socket')
    await using greeting = await startService((socket) => void socket.end('welcome'))
    await using patient = await startService((socket) => {
      let heard = ''
      const all = new Promise<string>((resolve) => socket.on('end', () => resolve(heard)))
      socket.on('data', (chunk: Buffer) => {
        heard += chunk
      })
      heardLast = () => all
      socket.end('bye')
    })
    await using _ = await startService(digesting, path)
    const to: Ends = {
      digest: digest.address,
      greeting: greeting.address,
      patient: patient.address,
      unix: { path },
      nobody: { host: '127.0.0.1', port: await freePort('127.0.0.1') },
    }
    const ours = await throughUs(to, behave)
    expect(ours).toEqual(await throughSsh(to, behave))
    expect(ours).not.toMatchObject({ error: expect.any(String) })
  })
})

async function throughUs(to: Ends, behave: (to: Ends) => Promise<unknown>): Promise<unknown> {
  const forwards = await Promise.all(
    Object.entries(to).map(async ([name, address]) => {
      const forward = await forwardLocal(way.acquire, { listen: { host: '127.0.0.1', port: 0 }, to: address })
      return [name, forward] as const
    }),
  )
  try {
    return await behave(Object.fromEntries(forwards.map(([name, { address }]) => [name, address])) as never)
  } finally {
    for (const [, forward] of forwards) await forward.close()
  }
}

async function throughSsh(to: Ends, behave: (to: Ends) => Promise<unknown>): Promise<unknown> {
  const listening = await Promise.all(
    Object.entries(to).map(async ([name, address]: [string, Address]) => {
      const port = await freePort('127.0.0.1')
      const there = 'path' in address ? address.path : `${address.host}:${address.port}`
      return [name, { host: '127.0.0.1', port }, `127.0.0.1:${port}:${there}`] as const
    }),
  )
  const control = join(scratchDir('control'), 'c')
  const target = chain.at(-1).sshArgs()
  const flags = listening.flatMap(([, , flag]) => ['-L', flag])
  const master = ['-N', '-f', '-M', '-S', control, '-o', 'ExitOnForwardFailure=yes']
  const run = promisify(execFile)
  const ssh = spawn('ssh', [...master, ...flags, ...target], { stdio: 'ignore' })
  await once(ssh, 'exit')
  try {
    return await behave(Object.fromEntries(listening.map(([name, address]) => [name, address])) as never)
  } finally {
    await run('ssh', ['-S', control, '-O', 'exit', ...target])
  }
}
