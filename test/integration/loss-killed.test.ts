// Servers that are killed under running work, resets at any moment, a busy process, a clock that jumps.

import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { deferred } from '../../src/deferred.js'
import {
  type CommandError,
  type Connection,
  type ConnectionOptions,
  SallyportError,
} from '../../src/index.js'
import { connectionBy, failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { startTcpFault } from '../support/tcp-fault.js'

const watch: ConnectionOptions = { serverAliveIntervalMs: 200, serverAliveCountMax: 2 }

let outer: Sshd
let inner: Sshd
let other: Sshd
beforeAll(async () => {
  outer = await startSshd({ name: 'outer' })
  inner = await startSshd({ name: 'inner' })
  other = await startSshd({ name: 'other' })
})
afterAll(async () => {
  await Promise.all([outer.stop(), inner.stop(), other.stop()])
})

/** A command that has said something and does not end; how often its promise has settled. */
async function working(
  connection: Connection,
): Promise<{ readonly failed: Promise<CommandError>; readonly count: () => number }> {
  const said = deferred<void>()
  let settled = 0
  const running = connection.run('echo so far; sleep 60', { onStdout: () => said.resolve() })
  const failed = failureOf(running).finally(() => {
    settled += 1
  })
  await said.promise
  return { failed: failed as Promise<CommandError>, count: () => settled }
}

describe('a server that is killed', () => {
  leakCheck()

  test('as the gateway takes all tenants with it, each once, by its name and with their output so far', async () => {
    await using gate = connectionTo(outer)
    await using first = connectionTo(inner, { gateway: gate })
    await using second = connectionTo(other, { gateway: gate })
    const ends: string[] = []
    for (const connection of [gate, first, second]) {
      await connection.open()
      void connection.closed.then(({ reason }) => ends.push(reason))
    }
    const works = await Promise.all([gate, first, first, second].map(working))
    outer.killSessions()
    for (const { failed } of works) {
      expect(await failed).toMatchObject({
        name: 'CommandError',
        code: 'CONNECTION_LOST',
        phase: 'session',
        stdout: 'so far\n',
        exitCode: null,
        hop: { index: 0, host: outer.host, user: outer.user, port: outer.port },
        cause: { name: 'ConnectError', code: 'CONNECTION_LOST' },
      })
    }
    await vi.waitFor(() => expect(ends).toEqual(['lost', 'lost', 'lost']))
    expect(works.map(({ count }) => count())).toEqual([1, 1, 1, 1])
    expect((await second.run('echo again')).stdout).toBe('again\n')
  })

  test('behind the gateway is the loss of its own tenants; those beside it go on', async () => {
    await using gate = connectionTo(outer)
    await using first = connectionTo(inner, { gateway: gate })
    await using second = connectionTo(other, { gateway: gate })
    const sibling = second.run('sleep 1; echo finished')
    const { failed } = await working(first)
    inner.killSessions()
    expect(await failed).toMatchObject({
      code: 'CONNECTION_LOST',
      stdout: 'so far\n',
      hop: { index: 1, host: inner.host, port: inner.port, via: outer.host },
    })
    expect((await sibling).stdout).toBe('finished\n')
    expect([gate.state, first.state, second.state]).toEqual(['open', 'lost', 'open'])
    expect(outer.connections().filter(({ method }) => method !== '')).toHaveLength(3)
  })
})

describe('a reset', () => {
  leakCheck()

  test('at whatever moment is one typed error, and late ones are heard by nobody', async () => {
    await using fault = await startTcpFault(outer)
    const codes = new Set<string>()
    for (let afterMs = 0; afterMs <= 120; afterMs += 6) {
      const gate = connectionBy(fault, outer)
      const target = connectionTo(inner, { gateway: gate })
      const calls = [target.run('echo a; sleep 0.02; echo b'), target.open(), gate.run('true')]
      const outcomes = Promise.allSettled(calls)
      await delay(afterMs)
      fault.reset()
      const closing = Promise.all([target.close(), gate.close()])
      for (const outcome of await outcomes) {
        if (outcome.status === 'fulfilled') continue
        expect(outcome.reason).toBeInstanceOf(SallyportError)
        expect(outcome.reason.hop).toBeDefined()
        codes.add(outcome.reason.code)
      }
      await closing
      fault.reset()
    }
    for (const code of codes) expect(['CONNECTION_LOST', 'CLOSED', 'SERVER_BUSY']).toContain(code)
  }, 60_000)
})

describe('a process that is busy', () => {
  leakCheck()

  test('for longer than the keepalive allows loses nothing, for what came meanwhile still waits to be read', async () => {
    await using gate = connectionTo(outer, watch)
    await using target = connectionTo(inner, { gateway: gate, ...watch })
    await target.open()
    const command = target.run('for i in 1 2 3 4 5 6 7 8 9 10; do echo $i; sleep 0.2; done')
    for (let times = 0; times < 2; times++) {
      await delay(250)
      const until = performance.now() + 1200
      while (performance.now() < until);
    }
    await delay(700)
    expect([gate.state, target.state]).toEqual(['open', 'open'])
    expect((await command).stdout).toBe('1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n')
  })
})

describe('a clock that jumps by an hour', () => {
  leakCheck()
  afterEach(() => void vi.useRealTimers())

  test.each([3_600_000, -3_600_000])('by %i ms ends nothing before its time, nor after', async (stepMs) => {
    vi.useFakeTimers({ toFake: ['Date'] })
    await using connection = connectionTo(outer, { ...watch, connectTimeoutMs: 5000 })
    const opening = connection.open({ timeoutMs: 5000 })
    vi.setSystemTime(Date.now() + stepMs)
    await opening
    vi.setSystemTime(Date.now() + stepMs)
    const began = performance.now()
    const error = await failureOf(connection.run('sleep 60', { timeoutMs: 1000 }))
    expect(error.code).toBe('COMMAND_TIMEOUT')
    expect(performance.now() - began).toBeGreaterThanOrEqual(990)
    expect(performance.now() - began).toBeLessThan(4000)
    expect((error as CommandError).durationMs).toBeLessThan(4000)
    expect(connection.state).toBe('open')
  })
})
