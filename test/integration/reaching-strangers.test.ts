// What answers is no SSH server, or one that sends us away before its version line. The same for the first hop and
// for a hop behind a real gateway.

import { createConnection } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Connection, type SallyportError } from '../../src/index.js'
import { connectionBy, failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { type RawServer, startRawServer } from '../support/raw-server.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { startTcpFault } from '../support/tcp-fault.js'

let gate: Sshd
beforeAll(async () => {
  gate = await startSshd()
})
afterAll(() => gate.stop())

describe.each(['the first hop', 'a hop behind a gateway'])('a stranger as %s', (place) => {
  leakCheck()

  /** The error of connecting to that server; sees to it that nothing of it is left and that the gateway lives on. */
  async function meet(server: RawServer): Promise<SallyportError> {
    await using gateway = connectionTo(gate)
    const isFirst = place === 'the first hop'
    const stranger = new Connection(server.host, {
      user: 'someone',
      port: server.port,
      connectTimeoutMs: 5000,
      ...(isFirst ? {} : { gateway }),
    })
    const error = await failureOf(stranger.open())
    await vi.waitFor(() => expect(server.live()).toBe(0), { timeout: 5000 })
    expect(error.hop).toMatchObject(
      isFirst
        ? { index: 0, count: 1, host: server.host, port: server.port, user: 'someone' }
        : { index: 1, count: 2, host: server.host, port: server.port, user: 'someone', via: gate.host },
    )
    if (!isFirst) expect((await gateway.run('echo alive')).stdout).toBe('alive\n')
    return error
  }

  test('that speaks HTTP is quoted, in clean and short', async () => {
    await using server = await startRawServer(`HTTP/1.1 400 Bad Request\x1b[2J\r\n${'x'.repeat(5000)}\r\n`)
    const error = await meet(server)
    expect(error).toMatchObject({ code: 'NOT_SSH', phase: 'version' })
    expect(error.message).toContain('HTTP/1.1 400 Bad Request\\x1b[2J')
    expect(error.message).not.toContain('\x1b')
    expect(error.message.length).toBeLessThan(500)
  })

  test('that speaks SSH 1 is told so', async () => {
    await using server = await startRawServer('SSH-1.5-old\r\n')
    const error = await meet(server)
    expect(error).toMatchObject({ code: 'NOT_SSH', phase: 'version' })
    expect(error.message).toContain('SSH-1.5-old')
  })

  test.each([
    { name: 'lines', piece: `${'greetings '.repeat(102)}\r\n` },
    { name: 'one line', piece: 'x'.repeat(1024) },
  ])('that greets with $name without end is cut off early', async ({ piece }) => {
    const mebibyte = piece.repeat(1024)
    let sentMiB = 0
    await using server = await startRawServer(async ({ socket }) => {
      while (!socket.destroyed && sentMiB < 100) {
        sentMiB += 1
        if (!socket.write(mebibyte)) await new Promise((go) => socket.once('drain', go).once('close', go))
      }
    })
    const error = await meet(server)
    expect(error).toMatchObject({ code: 'NOT_SSH', phase: 'version' })
    expect(error.message.length).toBeLessThan(500)
    // What the kernel and a channel's window hold on the way; we take 64 KiB.
    expect(sentMiB).toBeLessThan(20)
  })

  test('that says why it sends us away is quoted', async () => {
    await using server = await startRawServer(({ socket }) => {
      socket.end('Not allowed at this time\r\n')
    })
    const error = await meet(server)
    expect(error).toMatchObject({ code: 'SERVER_REFUSED', phase: 'version', retryable: false })
    expect(error.message).toContain('Not allowed at this time')
  })

  test('that hangs up without a word is busy, and worth another try', async () => {
    await using server = await startRawServer(({ socket }) => {
      socket.end()
    })
    expect(await meet(server)).toMatchObject({ code: 'SERVER_BUSY', phase: 'version', retryable: true })
  })
})

describe('a real server beyond its MaxStartups', () => {
  leakCheck()

  test('is busy, and lets us in when others have gone', async () => {
    await using sshd = await startSshd({ config: ['MaxStartups 2:100:2', 'LoginGraceTime 30'] })
    const loiterers = [1, 2].map(() => createConnection({ host: sshd.host, port: sshd.port }))
    try {
      // Each has been taken in once it is greeted.
      await Promise.all(loiterers.map((one) => new Promise((greeted) => one.once('data', greeted))))
      await using connection = connectionTo(sshd)
      const error = await failureOf(connection.open())
      expect(error).toMatchObject({
        code: 'SERVER_BUSY',
        phase: 'version',
        retryable: true,
        hop: { index: 0, host: sshd.host },
      })
      for (const one of loiterers) one.destroy()
      await vi.waitFor(() => connection.open(), { timeout: 5000, interval: 50 })
      expect(sshd.connections()).toHaveLength(1)
    } finally {
      for (const one of loiterers) one.destroy()
    }
  })

  test('is busy as an inner hop, too, and the gateway lives on', async () => {
    await using sshd = await startSshd({ config: ['MaxStartups 2:100:2', 'LoginGraceTime 30'] })
    await using gateway = connectionTo(gate)
    const loiterers = await Promise.all([1, 2].map(() => gateway.dial({ host: sshd.host, port: sshd.port })))
    await Promise.all(loiterers.map((one) => new Promise((greeted) => one.once('data', greeted))))
    await using inner = connectionTo(sshd, { gateway })
    expect(await failureOf(inner.open())).toMatchObject({
      code: 'SERVER_BUSY',
      retryable: true,
      hop: { index: 1, count: 2, host: sshd.host, via: gate.host },
    })
    expect((await gateway.run('echo alive')).stdout).toBe('alive\n')
    for (const one of loiterers) one.destroy()
  })
})

describe('a connection that is torn during the key exchange', () => {
  leakCheck()

  test.each([
    { fate: 'reset', after: 600 },
    { fate: 'cut', after: 600 },
    { fate: 'reset', after: 0 },
  ] as const)('by $fate after $after bytes fails by itself, and can be tried again', async (tear) => {
    await using sshd = await startSshd()
    await using line = await startTcpFault(sshd, { toClient: tear })
    await using connection = connectionBy(line, sshd)
    const error = await failureOf(connection.open())
    expect(error).toMatchObject({
      code: tear.after === 0 ? 'SERVER_BUSY' : 'CONNECTION_LOST',
      phase: tear.after === 0 ? 'version' : 'key-exchange',
      hop: { index: 0, host: line.host },
    })
    await vi.waitFor(() => expect(line.live).toBe(0), { timeout: 5000 })
    line.faults = {}
    await connection.open()
  })
})
