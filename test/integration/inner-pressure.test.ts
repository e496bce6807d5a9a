// A remote side that does not read holds the writer back, through any number of hops.

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import type { Connection } from '../../src/index.js'
import { startChain } from '../support/chain.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionsThrough, connectionTo } from '../support/link-up.js'
import { startRawServer } from '../support/raw-server.js'
import { startSshd } from '../support/sshd.js'

const piece = Buffer.alloc(262_144, 'x')
const gibibyte = 2 ** 30
const mebibyte = 2 ** 20

/** A gibibyte that counts how much of it was taken. */
function gibibyteOfInput(): { readonly stream: Readable; taken(): number } {
  let taken = 0
  const pieces = function* () {
    for (; taken < gibibyte; taken += piece.length) yield piece
  }
  return { stream: Readable.from(pieces(), { objectMode: true, highWaterMark: 1 }), taken: () => taken }
}

/** The highest resident set while `work` is under way, above what it is now. */
async function growthDuring(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let highest = before
  const watch = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss())
  }, 20)
  try {
    await work()
  } finally {
    clearInterval(watch)
  }
  return highest - before
}

describe.each([1, 2, 4])('a gibibyte through %i hops', (length) => {
  leakCheck()

  test('to a command that sleeps is not taken into memory', async () => {
    await using chain = await startChain(length)
    const connections = connectionsThrough(chain)
    const target = connections.at(-1) as Connection
    await target.open()
    const input = gibibyteOfInput()
    const growth = await growthDuring(() =>
      expect(target.run('sleep 100', { input: input.stream, timeoutMs: 1000 })).rejects.toMatchObject({
        code: 'COMMAND_TIMEOUT',
      }),
    )
    expect(input.taken()).toBeGreaterThan(mebibyte)
    expect(input.taken()).toBeLessThan(16 * mebibyte)
    expect(growth).toBeLessThan((64 + 8 * length) * mebibyte)
    expect(await target.run('echo next')).toMatchObject({ stdout: 'next\n' })
    await closeAll(connections)
  })
})

describe('a gibibyte to a socket behind a gateway', () => {
  leakCheck()

  test('that nobody reads is not taken into memory, and other streams go on', async () => {
    await using sshd = await startSshd({ name: 'gateway' })
    await using inner = await startSshd({ name: 'inner' })
    await using server = await startRawServer(({ socket }) => socket.pause())
    await using lively = await startRawServer(({ socket }) => socket.pipe(socket))
    await using gateway = connectionTo(sshd)
    await using target = connectionTo(inner, { gateway })
    const stalled = await target.dial(server)
    const input = gibibyteOfInput()
    const writing = pipeline(input.stream, stalled).catch((error: unknown) => error)
    const growth = await growthDuring(async () => {
      await expect.poll(() => stalled.writableNeedDrain, { timeout: 5000 }).toBe(true)
      for (let round = 0; round < 50; round++) {
        const stream = await target.dial(lively)
        stream.end('echo')
        expect(Buffer.concat(await stream.toArray()).toString()).toBe('echo')
      }
    })
    expect(input.taken()).toBeLessThan(32 * mebibyte)
    expect(growth).toBeLessThan(80 * mebibyte)
    stalled.destroy()
    expect(await writing).toBeInstanceOf(Error)
  })
})
