// A side of a socket that does not read holds the other back, through four real gateways, and nobody else.

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/index.js'
import { Chain } from '../support/chain.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionsThrough } from '../support/link-up.js'
import { type Sshd, startSshd } from '../support/sshd.js'

const mebibyte = 2 ** 20
const piece = Buffer.alloc(65_536)
const address = { host: '127.0.0.1', port: 0 }
let chain: Chain
let server: Server
let arrive: (socket: Socket) => void

beforeAll(async () => {
  const sshds: Sshd[] = []
  for (const name of ['fourth', 'third', 'second', 'first']) sshds.unshift(await startSshd({ name }))
  chain = new Chain(sshds)
  server = createServer((socket) => arrive(socket.on('error', () => {})))
  await once(server.listen(0, address.host), 'listening')
  const bound = server.address()
  if (typeof bound === 'object' && bound !== null) address.port = bound.port
})
afterAll(async () => {
  server.close()
  await chain[Symbol.asyncDispose]()
})

/** Both ends of a new connection through all four. */
async function withEnds(
  use: (here: Socket, there: Socket, host: Connection) => Promise<void>,
): Promise<void> {
  const connections = connectionsThrough(chain)
  const host = connections.at(-1) as Connection
  try {
    const arrival = nextArrival()
    const here = await host.dial(address)
    const there = await arrival
    await use(here, there, host)
    here.destroy()
    there.destroy()
  } finally {
    await closeAll(connections)
  }
}

function nextArrival(): Promise<Socket> {
  return new Promise((resolve) => {
    arrive = resolve
  })
}

/** Writes for as long as it is let. */
function pour(socket: Socket): void {
  const fill = () => {
    while (!socket.destroyed && socket.write(piece));
  }
  socket.on('drain', fill)
  fill()
}

/** When nothing more of what is poured has been taken for a while. */
async function stalled(socket: Socket): Promise<void> {
  let before = -1
  const taken = () => socket.bytesWritten - socket.writableLength
  const stands = () => {
    const same = taken() === before
    before = taken()
    return same
  }
  await expect.poll(stands, { interval: 250, timeout: 10_000 }).toBe(true)
}

/** The highest resident set while `work` is under way, above what it is now. */
async function growthDuring(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let highest = before
  const watch = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss())
  }, 20)
  await work().finally(() => clearInterval(watch))
  return highest - before
}

/** Reads so much, and no more. */
async function take(socket: Socket, bytes: number): Promise<void> {
  for (let taken = 0; taken < bytes; ) {
    const chunk: Buffer | null = socket.read()
    if (chunk === null) await once(socket, 'readable')
    else taken += chunk.length
  }
}

describe('a socket through four gateways', () => {
  leakCheck()

  it('that is read slowly holds back what is sent to it, in a bounded memory', () =>
    withEnds(async (here, there) => {
      const growth = await growthDuring(async () => {
        pour(there)
        await stalled(there)
        for (let round = 0; round < 2; round++) {
          await take(here, 8 * mebibyte)
          await stalled(there)
        }
      })
      expect(here.bytesRead).toBeGreaterThan(15 * mebibyte)
      expect(there.bytesWritten - here.bytesRead).toBeLessThan(64 * mebibyte)
      expect(growth).toBeLessThan(96 * mebibyte)
    }))

  it('whose other side reads slowly is held back, in a bounded memory', () =>
    withEnds(async (here, there) => {
      there.pause()
      const growth = await growthDuring(async () => {
        pour(here)
        await stalled(here)
        for (let round = 0; round < 2; round++) {
          await take(there, 8 * mebibyte)
          await stalled(here)
        }
      })
      expect(here.writableNeedDrain).toBe(true)
      expect(there.bytesRead).toBeGreaterThan(15 * mebibyte)
      expect(here.bytesWritten - there.bytesRead).toBeLessThan(64 * mebibyte)
      expect(growth).toBeLessThan(96 * mebibyte)
    }))

  it('that nobody reads lets twenty others on the same way go on', () =>
    withEnds(async (slow, there, host) => {
      pour(there)
      await stalled(there)
      const before = slow.bytesRead
      arrive = (socket) => {
        for (let count = 0; count < 8; count++) socket.write(piece)
        socket.end()
      }
      const neighbours = await Promise.all(Array.from({ length: 20 }, () => host.dial(address)))
      const closed = neighbours.map((socket) => once(socket.resume(), 'close'))
      await Promise.all(closed)
      expect(neighbours.map((socket) => socket.bytesRead)).toEqual(Array(20).fill(mebibyte / 2))
      expect(slow.bytesRead).toBe(before)
    }))
})
