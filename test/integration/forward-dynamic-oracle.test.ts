// Our dynamic forward beside `ssh -D` on the same server: the same bytes are sent to both, and what comes back is
// compared. Where we differ, the table says what ssh does and why we do not.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Address } from '../../src/dialer.js'
import type { Forward } from '../../src/forward/forward.js'
import { forwardDynamic } from '../../src/forward/forward-dynamic.js'
import { startForwardingChain, type WayIn, wayThrough } from '../support/acquire-through.js'
import type { Chain } from '../support/chain.js'
import { leakCheck } from '../support/leak-check.js'
import { client, type Service, startService } from '../support/peers.js'
import { RigLog } from '../support/rig-log.js'
import { freePort } from '../support/sshd.js'

let chain: Chain
let way: WayIn
let echo: Service
let ours: Forward
let theirs: Address
let stopSsh: () => Promise<void>
let closedPort: number
beforeAll(async () => {
  chain = await startForwardingChain(1)
  way = await wayThrough(chain)
  echo = await startService((socket) => void socket.pipe(socket))
  closedPort = await freePort('127.0.0.1')
  ours = await forwardDynamic(way.acquire, {})
  const port = await freePort('127.0.0.1')
  theirs = { host: '127.0.0.1', port }
  const listen = ['-v', '-N', '-D', `127.0.0.1:${port}`, '-o', 'ExitOnForwardFailure=yes']
  const child = spawn('ssh', [...listen, ...chain.at(0).sshArgs()], { stdio: ['ignore', 'ignore', 'pipe'] })
  const log = new RigLog('ssh -D')
  log.follow(child.stderr)
  const ended = once(child, 'close')
  stopSsh = async () => {
    child.kill()
    await ended
  }
  await log.waitFor(/Entering interactive session/)
})
afterAll(async () => {
  await stopSsh()
  await ours.close()
  await echo[Symbol.asyncDispose]()
  await way[Symbol.asyncDispose]()
  await chain[Symbol.asyncDispose]()
})

const port = (number: number): readonly number[] => [number >> 8, number & 255]
const bytes = (...parts: readonly (number | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))))
const echoPort = (): readonly number[] => port(echo.address.port)
const home = [127, 0, 0, 1]

/** What comes back until the echo of `hi` is there, or the other side ends. */
async function told(proxy: Address, sent: Buffer): Promise<{ readonly reply: Buffer; readonly end: string }> {
  const socket = client(proxy)
  const chunks: Buffer[] = []
  const end = await new Promise<string>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (Buffer.concat(chunks).subarray(-2).equals(bytes('hi'))) resolve('answered')
    })
    socket.once('end', () => resolve('ended'))
    socket.once('close', () => resolve('reset'))
    socket.write(sent)
  })
  socket.destroy()
  return { reply: Buffer.concat(chunks), end }
}

describe('ssh -D and ours', () => {
  leakCheck()

  test.each([
    ['SOCKS 4', () => bytes(4, 1, ...echoPort(), ...home, 0, 'hi')],
    ['SOCKS 4 with a user id', () => bytes(4, 1, ...echoPort(), ...home, 'u'.repeat(200), 0, 'hi')],
    ['SOCKS 4a', () => bytes(4, 1, ...echoPort(), 0, 0, 0, 1, 0, 'localhost', 0, 'hi')],
    ['SOCKS 5, IPv4', () => bytes(5, 1, 0, 5, 1, 0, 1, ...home, ...echoPort(), 'hi')],
    ['SOCKS 5, a name', () => bytes(5, 1, 0, 5, 1, 0, 3, 9, 'localhost', ...echoPort(), 'hi')],
    [
      'SOCKS 5, IPv6',
      () => bytes(5, 1, 0, 5, 1, 0, 4, ...Array(10).fill(0), 255, 255, ...home, ...echoPort(), 'hi'),
    ],
    ['SOCKS 5, several methods', () => bytes(5, 3, 2, 1, 0, 5, 1, 0, 1, ...home, ...echoPort(), 'hi')],
  ])('give the same bytes for %s, to a client that does not wait', async (_, sent) => {
    const answer = await told(ours.address, sent())
    expect(answer.end).toBe('answered')
    expect(answer).toEqual(await told(theirs, sent()))
  })

  // ssh answers nothing, or says yes before it knows; a client of ours is told in its protocol's words.
  test.each([
    [
      'SOCKS 4, nobody listening',
      () => bytes(4, 1, ...port(closedPort), ...home, 0),
      [0, 91, 0, 0, 0, 0, 0, 0],
    ],
    ['SOCKS 4, BIND', () => bytes(4, 2, 0, 80, ...home, 0), [0, 91, 0, 0, 0, 0, 0, 0]],
    ['SOCKS 5, nobody listening', () => bytes(5, 1, 0, 5, 1, 0, 1, ...home, ...port(closedPort)), failed(5)],
    [
      'SOCKS 5, a name that there is not',
      () => bytes(5, 1, 0, 5, 1, 0, 3, 12, 'none.invalid', 0, 80),
      failed(4),
    ],
    ['SOCKS 5, BIND', () => bytes(5, 1, 0, 5, 2, 0, 1, ...home, 0, 80), failed(7)],
    ['SOCKS 5, UDP ASSOCIATE', () => bytes(5, 1, 0, 5, 3, 0, 1, ...home, 0, 80), failed(7)],
    ['SOCKS 5, a type of address', () => bytes(5, 1, 0, 5, 1, 0, 9, ...home, 0, 80), failed(8)],
    ['SOCKS 5, the reserved byte', () => bytes(5, 1, 0, 5, 1, 7, 1, ...home, 0, 80), failed(1)],
    ['SOCKS 5, an empty name', () => bytes(5, 1, 0, 5, 1, 0, 3, 0, 0, 80), failed(1)],
    ['SOCKS 5, a name with a zero', () => bytes(5, 1, 0, 5, 1, 0, 3, 3, 'a\0b', 0, 80), failed(1)],
    ['SOCKS 5, port 0', () => bytes(5, 1, 0, 5, 1, 0, 1, ...home, 0, 0), failed(1)],
    ['SOCKS 5, a login', () => bytes(5, 1, 2), [5, 255]],
    ['SOCKS 5, then 4', () => bytes(5, 1, 0, 4, 1, 0, 1, ...home, 0, 80), []],
    ['SOCKS 6', () => bytes(6, 1, 0), []],
    ['TLS', () => bytes(22, 3, 1, 2, 0), []],
  ])('both end %s; ours says why', async (_, sent, word) => {
    const [answer, answerOfSsh] = [await told(ours.address, sent()), await told(theirs, sent())]
    expect([answer.end, answerOfSsh.end]).toEqual(['ended', 'ended'])
    expect([...answer.reply]).toEqual([...answerOfSsh.reply, ...word])
  })
})

function failed(code: number): readonly number[] {
  return [5, code, 0, 1, 0, 0, 0, 0, 0, 0]
}
