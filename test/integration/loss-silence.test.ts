// Peers and networks that go silent: the keepalive of the hop that is concerned tells, in time, and nobody else's.

import { execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { deferred } from '../../src/deferred.js'
import type { Connection, ConnectionOptions, HopEnd } from '../../src/index.js'
import { connectionBy, failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { createNetns } from '../support/netns.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { startTcpFault, type TcpFault } from '../support/tcp-fault.js'

const intervalMs = 200
const watch: ConnectionOptions = { serverAliveIntervalMs: intervalMs, serverAliveCountMax: 2 }

let outer: Sshd
let inner: Sshd
beforeAll(async () => {
  outer = await startSshd({ name: 'outer' })
  inner = await startSshd({ name: 'inner' })
})
afterAll(async () => {
  await Promise.all([outer.stop(), inner.stop()])
})

/** Waits for the end of the connection, and checks that it was noticed in time. */
async function lossOf(connection: Connection, since: number): Promise<HopEnd & { reason: 'lost' }> {
  const end = await connection.closed
  const tookMs = performance.now() - since
  if (end.reason !== 'lost') throw new Error('it was closed, not lost')
  expect(end.error).toMatchObject({ name: 'ConnectError', code: 'CONNECTION_LOST', phase: 'session' })
  const [, silentMs] = end.error.message.match(/no sign of life for (\d+) ms/) ?? []
  expect(Number(silentMs)).toBeGreaterThanOrEqual(2 * intervalMs)
  expect(tookMs).toBeLessThan(5 * intervalMs + 3000)
  return end
}

/** After a healed proxy has read what waits, it knows of no connection: our end was destroyed and did not wait. */
async function expectLetGo(fault: TcpFault): Promise<void> {
  fault.heal()
  await vi.waitFor(() => expect(fault.live).toBe(0), { timeout: 2000 })
}

describe('a network that goes silent', () => {
  leakCheck()

  test('before the gateway: all is lost, by the name of the gateway, whatever it was doing', async () => {
    // The moment decides which watch looks first: it may not decide what is said.
    await Promise.all(
      [0, 40, 80, 120, 160].map(async (phaseMs) => {
        await using fault = await startTcpFault(outer)
        const gateway = connectionBy(fault, outer, watch)
        const target = connectionTo(inner, { gateway, ...watch })
        await gateway.open()
        await delay(phaseMs)
        await target.open()
        const said = deferred<void>()
        const running = failureOf(target.run('echo here; sleep 60', { onStdout: () => said.resolve() }))
        await said.promise
        await delay((phaseMs * 3) % intervalMs)
        fault.blackhole()
        const since = performance.now()
        const ends = await Promise.all([lossOf(gateway, since), lossOf(target, since)])
        for (const { error } of ends) expect(error.hop).toMatchObject({ index: 0, host: fault.host })
        expect(await running).toMatchObject({
          name: 'CommandError',
          code: 'CONNECTION_LOST',
          stdout: 'here\n',
          hop: { index: 0, host: fault.host },
        })
        await expectLetGo(fault)
        await Promise.all([target.close(), gateway.close()])
      }),
    )
  })

  test('behind the gateway: the inner hop is lost, and the gateway and its other users live on', async () => {
    await using fault = await startTcpFault(inner)
    await using gateway = connectionTo(outer, watch)
    await using target = connectionBy(fault, inner, { gateway, ...watch })
    await using sibling = connectionTo(inner, { gateway, ...watch })
    await Promise.all([target.open(), sibling.open()])
    fault.blackhole()
    const { error } = await lossOf(target, performance.now())
    expect(error.hop).toMatchObject({ index: 1, host: fault.host, port: fault.port, via: outer.host })
    expect(gateway.state).toBe('open')
    expect((await sibling.run('echo alive')).stdout).toBe('alive\n')
    await expectLetGo(fault)
  })

  test('is noticed where packets vanish without a word, and the connection opens again when they come back', async () => {
    await using netns = await createNetns()
    await using sshd = await startSshd({ netns })
    await using connection = connectionTo(sshd, watch)
    await connection.open()
    await netns.linkDown()
    const { error } = await lossOf(connection, performance.now())
    expect(error.hop).toMatchObject({ index: 0, host: sshd.host })
    expect(connection.state).toBe('lost')
    await netns.linkUp()
    expect((await connection.run('echo back')).stdout).toBe('back\n')
  })

  test('is noticed when the own address was taken away', async () => {
    await using netns = await createNetns()
    await using sshd = await startSshd({ netns })
    await using connection = connectionTo(sshd, watch)
    await connection.open()
    const running = failureOf(connection.run('sleep 60'))
    const since = performance.now()
    await removeAddress(netns.uplinkAddress)
    await lossOf(connection, since)
    expect(await running).toMatchObject({ code: 'CONNECTION_LOST', hop: { host: sshd.host } })
  })
})

describe('a slow network', () => {
  leakCheck()

  test('that answers late, but in time, is not given up', async () => {
    await using fault = await startTcpFault(outer)
    await using connection = connectionBy(fault, outer, watch)
    await connection.open()
    fault.faults = { toClient: { delayMs: 350 } }
    await delay(2000)
    expect(connection.state).toBe('open')
  })

  test('that answers no question is not given up while data flows, and is when the data ends', async () => {
    await using fault = await startTcpFault(outer)
    await using connection = connectionBy(fault, outer, watch)
    const ticks = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do echo $i; sleep 0.1; done'
    let lines = 0
    let lastAt = 0
    const running = failureOf(
      connection.run(`${ticks}; sleep 60`, {
        onStdout: () => {
          lines += 1
          lastAt = performance.now()
          // Nothing of ours arrives from here on.
          if (lines === 1) fault.faults = { toServer: { delayMs: 60_000 } }
        },
      }),
    )
    expect(await running).toMatchObject({ code: 'CONNECTION_LOST', stdout: expect.stringMatching(/\n20\n$/) })
    expect(performance.now() - lastAt).toBeGreaterThanOrEqual(2 * intervalMs)
  })
})

async function removeAddress(address: string): Promise<void> {
  const ip = promisify(execFile)
  const { stdout } = await ip('ip', ['-o', 'addr', 'show', 'to', address])
  const device = stdout.split(/\s+/)[1] ?? ''
  await ip('ip', ['addr', 'del', `${address}/30`, 'dev', device])
}
