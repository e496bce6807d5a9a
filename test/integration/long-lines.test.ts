// Lines with a long round trip: what comes in is not held up by the window, and what nobody reads is not taken in.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectionBy } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { startSlowLink } from '../support/slow-link.js'
import { type Sshd, startSshd } from '../support/sshd.js'

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.stop())

const mebibyte = 2 ** 20

describe('a line with a long round trip', () => {
  leakCheck()

  test('carries more than two mebibytes in each of them', async () => {
    await using line = await startSlowLink(sshd, { delayMs: 200 })
    await using connection = connectionBy(line, sshd)
    const command = await connection.spawn(['head', '-c', String(24 * mebibyte), '/dev/zero'])
    let received = 0
    for await (const piece of command.stdout) received += (piece as Buffer).length
    await command
    expect(received).toBe(24 * mebibyte)
    // With a window of 2 MiB it is that, and the little that each packet costs.
    expect(line.mostPerRoundTrip()).toBeGreaterThan(3 * mebibyte)
  })

  test('is not read into memory when the reader stops', async () => {
    await using line = await startSlowLink(sshd, { delayMs: 50 })
    await using connection = connectionBy(line, sshd)
    const command = await connection.spawn('cat /dev/zero')
    let received = 0
    const enough = new Promise<void>((resolve) => {
      command.stdout.on('data', (piece: Buffer) => {
        received += piece.length
        if (received > 40 * mebibyte) resolve()
      })
    })
    await enough
    command.stdout.pause()
    globalThis.gc?.()
    const before = process.memoryUsage.rss()
    const quick = await connection.run('echo quick')
    for (let round = 0; round < 3; round++) await connection.run('true')
    expect(quick.stdout).toBe('quick\n')
    // A window of 16 MiB, with what its buffers cost.
    expect(process.memoryUsage.rss() - before).toBeLessThan(40 * mebibyte)
    command.stdout.on('error', () => undefined)
    command.close()
    await expect.poll(() => command.stdout.closed).toBe(true)
  })
})
