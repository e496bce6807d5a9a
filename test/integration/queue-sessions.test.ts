// Sessions beyond what a real sshd holds at once (MaxSessions) wait for their turn, whatever they are for.

import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Connection } from '../../src/connection.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { killAll } from '../support/proc.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { warningsOf } from '../support/warnings.js'

let ten: Sshd
let one: Sshd
beforeAll(async () => {
  ;[ten, one] = await Promise.all([
    startSshd({ name: 'ten sessions', config: ['LogLevel INFO'] }),
    startSshd({ name: 'one session', config: ['LogLevel INFO', 'MaxSessions 1'] }),
  ])
})
afterAll(async () => {
  await Promise.all([ten.stop(), one.stop()])
})

/** A connection whose only session is taken by a command that ends with its input. */
async function withTaken(
  use: (host: Connection, free: () => Promise<void>) => Promise<void>,
  sshd = one,
): Promise<void> {
  await using host = connectionTo(sshd)
  await using taken = await host.spawn('cat')
  await use(host, async () => {
    taken.stdin.end()
    await taken.wait()
  })
}

const refusals = (): number => one.log.lines().filter(({ text }) => text === 'no more sessions').length

/** Starts what has to wait, and resolves when all of it has been refused once. */
async function waitingOnes<T>(start: () => Promise<T>, count: number): Promise<readonly Promise<T>[]> {
  const before = refusals()
  const waiting = Array.from({ length: count }, start)
  await vi.waitFor(() => expect(refusals()).toBe(before + count), { timeout: 5000 })
  return waiting
}

describe('a server that holds only so many sessions', () => {
  leakCheck()

  test('runs 200 commands that are started at once, ten at a time, and says so once', async () => {
    await using host = connectionTo(ten)
    const numbers = Array.from({ length: 200 }, (_, index) => `${index}\n`)
    let results: readonly string[] = []
    const warnings = await warningsOf(async () => {
      results = await Promise.all(numbers.map(async (n) => (await host.run(`echo ${n}`)).stdout))
    })
    expect(results).toEqual(numbers)
    expect(warnings).toEqual(['holds no more than 10 sessions at once; others wait'])
  })

  test('runs one command after the other where it holds one, 300 times, and 50 at once', async () => {
    await using host = connectionTo(one)
    for (let index = 0; index < 300; index++) await host.run('true')
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) => host.run(`exit ${index % 2}`, anyEnd)),
    )
    expect(results.map(({ exitCode }) => exitCode)).toEqual(results.map((_, index) => index % 2))
  })

  const anyEnd = { okExitCodes: 'any' } as const

  test('as a gateway opens any number of streams, though its one session is taken', () =>
    withTaken(async (gateway, free) => {
      const target = { gateway }
      const inner = Array.from({ length: 3 }, () => connectionTo(ten, target))
      const queued = gateway.run('echo at last')
      for (const host of inner) expect((await host.run('echo through')).stdout).toBe('through\n')
      await free()
      expect((await queued).stdout).toBe('at last\n')
      for (const host of inner) await host.close()
    }))

  test('keeps those who wait in the order in which they came', () =>
    withTaken(async (host, free) => {
      const order: number[] = []
      const waiting = Array.from({ length: 20 }, (_, index) => host.run('true').then(() => order.push(index)))
      await free()
      await Promise.all(waiting)
      expect(order).toEqual(waiting.map((_, index) => index))
    }))

  test('is waited for no longer than the command may take, or than its start may', () =>
    withTaken(async (host, free) => {
      const [late, lateStart] = await Promise.all([
        failureOf(host.run('true', { timeoutMs: 150 })),
        failureOf(host.spawn('true', { timeoutMs: 150 })),
      ])
      expect(late).toMatchObject({ name: 'CommandError', code: 'COMMAND_TIMEOUT', stdout: '' })
      expect(late).toMatchObject({ message: expect.stringContaining('not seen to start within 150 ms') })
      expect(lateStart).toMatchObject({ code: 'TIMEOUT', hop: { host: one.host } })
      await free()
      expect((await host.run('echo free')).stdout).toBe('free\n')
    }))

  test('is waited for until the caller aborts, and those behind take the turn', () =>
    withTaken(async (host, free) => {
      const controller = new AbortController()
      const { signal } = controller
      const [leaving] = await waitingOnes(() => failureOf(host.run('true', { signal })), 1)
      const staying = host.run('echo next')
      controller.abort(new Error('enough'))
      expect(await leaving).toMatchObject({ name: 'AbortError', cause: { message: 'enough' } })
      await free()
      expect((await staying).stdout).toBe('next\n')
    }))

  test('that is lost, or closed by us, fails all who wait', async () => {
    await withTaken(async (host) => {
      const waiting = await waitingOnes(() => failureOf(host.run('true')), 3)
      // Not the command, whose end would make room for one who waits.
      killAll(one.sessions())
      for (const failure of waiting) expect(await failure).toMatchObject({ code: 'CONNECTION_LOST' })
      expect((await host.run('echo again')).stdout).toBe('again\n')
    })
    await withTaken(async (host) => {
      const waiting = await waitingOnes(() => failureOf(host.spawn('true')), 3)
      await host.close()
      for (const failure of waiting) expect(await failure).toMatchObject({ code: 'CLOSED' })
    })
  })

  test('counts a session for files as one, as long as it is open', async () => {
    await using host = connectionTo(one)
    const sftp = await host.sftp()
    const ended: string[] = []
    const [run] = await waitingOnes(() => host.run('true').then(() => ended.push('run')), 1)
    await sftp.stat('/')
    ended.push('sftp')
    await sftp.close()
    await run
    expect(ended).toEqual(['sftp', 'run'])
  })

  test('counts no streams', () =>
    withTaken(async (host, free) => {
      const target = createServer((socket) => socket.end('here'))
      await new Promise<void>((resolve) => void target.listen(0, '127.0.0.1', resolve))
      const { port } = target.address() as { port: number }
      const socket = await host.dial({ host: '127.0.0.1', port })
      const text: Buffer[] = await socket.toArray()
      expect(Buffer.concat(text).toString()).toBe('here')
      target.close()
      await free()
    }))
})
