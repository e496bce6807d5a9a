// Several gateways for one host, some of which are dead, silent or refuse: real sshd, and raw servers for the others.

import { Duplex, PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Connection } from '../../src/connection.js'
import type { Dialer } from '../../src/dialer.js'
import { firstOf } from '../../src/ways/first-of.js'
import { socks5 } from '../../src/ways/socks5.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionTo } from '../support/link-up.js'
import { type RawServer, startRawServer } from '../support/raw-server.js'
import { type Sshd, startSshd } from '../support/sshd.js'

let gatewaySshd: Sshd
let refusingSshd: Sshd
let hostSshd: Sshd
let silent: RawServer
beforeAll(async () => {
  ;[gatewaySshd, refusingSshd, hostSshd, silent] = await Promise.all([
    startSshd({ name: 'gateway' }),
    startSshd({ name: 'refusing', config: ['AllowTcpForwarding no'] }),
    startSshd({ name: 'host', config: ['LogLevel INFO'] }),
    startRawServer(''),
  ])
})
afterAll(async () => {
  for (const rig of [gatewaySshd, refusingSshd, hostSshd, silent]) await rig?.[Symbol.asyncDispose]()
})

const good = (): Connection => connectionTo(gatewaySshd)
const refusing = (): Connection => connectionTo(refusingSshd)
const mute = (): Connection => new Connection(`me@${silent.host}:${silent.port}`)
const dead = (): Dialer => socks5('socks5://127.0.0.1:1')

async function withAll(
  gateways: readonly (Connection | Dialer | false)[],
  use: (gateways: readonly (Connection | Dialer | false)[]) => Promise<void>,
): Promise<void> {
  try {
    await use(gateways)
  } finally {
    await closeAll(gateways.filter((gateway) => gateway instanceof Connection))
    await vi.waitFor(() => expect(silent.live()).toBe(0))
  }
}

/** Logged in before a limit counts that is about what comes after. */
async function openAll(gateways: readonly (Connection | Dialer | false)[]): Promise<void> {
  for (const gateway of gateways) if (gateway instanceof Connection) await gateway.open()
}

const elapsed = async (work: Promise<unknown>): Promise<number> => {
  const began = performance.now()
  await work
  return performance.now() - began
}

describe('the first of several gateways', () => {
  leakCheck()

  test('that leads to the host is used, and remembered until it fails', () =>
    withAll([dead(), refusing(), good()], async (gateways) => {
      const way = firstOf(gateways)
      await using host = connectionTo(hostSshd, { gateway: way })
      expect(way.name).toBe(`first of socks5://127.0.0.1:1, ${refusingSshd.host}, ${gatewaySshd.host}`)
      await host.open()
      expect([refusingSshd, gatewaySshd].map((sshd) => sshd.forwards().length)).toEqual([1, 1])
      await host.close()
      await host.open()
      expect([refusingSshd, gatewaySshd].map((sshd) => sshd.forwards().length)).toEqual([1, 2])
      await host.close()

      // The one that answered last does not any more: the others are tried again, and it is no longer the first.
      const tried: string[] = []
      let isUp = true
      const member = (name: string, leads: () => boolean): Dialer => ({
        name,
        dial: async () => {
          tried.push(name)
          if (!leads()) throw new Error(`${name} is down`)
          return new PassThrough()
        },
      })
      const flaky = firstOf([member('a', () => !isUp), member('b', () => isUp)])
      for (const up of [true, true, false, false, true]) {
        isUp = up
        ;(await flaky.dial(hostSshd)).destroy()
      }
      expect(tried.join('')).toBe('ab' + 'b' + 'ba' + 'a' + 'ab')
    }))

  test('may be none: directly', () =>
    withAll([dead(), false], async (gateways) => {
      await using host = connectionTo(hostSshd, { gateway: firstOf(gateways) })
      expect((await host.run('echo here')).stdout).toBe('here\n')
    }))

  test('has a limit for each, after which the next one is tried', () =>
    withAll([mute(), good()], async (gateways) => {
      await openAll(gateways.slice(1))
      await using host = connectionTo(hostSshd, { gateway: firstOf(gateways, { limitMs: 1000 }) })
      expect(await elapsed(host.open())).toBeGreaterThan(990)
    }))

  test('has this limit for gateways with one of their own, too', async () => {
    const limits: unknown[] = []
    const asked: Dialer = {
      dial: async (_address, call) => {
        limits.push(call?.timeoutMs)
        return new PassThrough()
      },
    }
    for (const limitMs of [14_000, 2 ** 31 - 1]) {
      ;(await firstOf([asked], { limitMs }).dial(hostSshd)).destroy()
    }
    expect(limits).toEqual([15_000, 2 ** 31 - 1])
  })

  test('may take as long as all of them together, where the host has no limit of its own', () => {
    const limits = [
      firstOf([false, false, false], { limitMs: 8000 }),
      firstOf([false, false, false], { limitMs: 8000, try: 'raced' }),
      firstOf([false, false], { limitMs: 2_000_000_000 }),
    ].map(({ dialLimitMs }) => dialLimitMs)
    expect(limits).toEqual([25_000, 9500, 2 ** 31 - 1])
  })

  test.each([
    [{}, /no connection within 50 ms/],
    [{ connectTimeoutMs: 70 }, /no connection within 70 ms/],
  ])('is given the time that it says, unless the host says another: %j', async (options, message) => {
    const never: Dialer = { dialLimitMs: 50, dial: () => new Promise(() => undefined) }
    await using host = connectionTo(hostSshd, { gateway: never, ...options })
    await expect(host.open()).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(message),
    })
  })

  test('is raced for: who is silent costs the others 250 ms, and who fails costs nothing', () =>
    withAll([mute(), dead(), good()], async (gateways) => {
      const way = firstOf(gateways, { try: 'raced', limitMs: 60_000 })
      await using host = connectionTo(hostSshd, { gateway: way })
      const ms = await elapsed(host.open())
      expect(ms).toBeGreaterThan(240)
      expect(ms).toBeLessThan(5000)
      await vi.waitFor(() => expect(silent.live()).toBe(0))
    }))

  test('wins a race only once: what comes later is destroyed', async () => {
    const streams: PassThrough[] = []
    const slow: Dialer = {
      dial: () =>
        new Promise((resolve) => {
          const stream = new PassThrough()
          streams.push(stream)
          late = () => resolve(stream)
        }),
    }
    let late = (): void => undefined
    const quick: Dialer = { dial: async () => new PassThrough() }
    const won = await firstOf([slow, quick], { try: 'raced', staggerMs: 1 }).dial(hostSshd)
    expect(streams).not.toContain(won)
    late()
    await vi.waitFor(() => expect(streams.map(({ destroyed }) => destroyed)).toEqual([true]))
    expect(won.destroyed).toBe(false)
    won.destroy()
  })

  test('wins it also in a tie, and what a loser says of its end is heard', async () => {
    let losers = 0
    const asked: (() => void)[] = []
    const tied = (): Dialer => ({
      dial: async () => {
        await new Promise<void>((resolve) => {
          asked.push(resolve)
          if (asked.length === 2) for (const go of asked) go()
        })
        return new Duplex({
          read: () => undefined,
          destroy: (_error, done) => {
            losers += 1
            done(new Error('not in peace'))
          },
        })
      },
    })
    const won = await firstOf([tied(), tied()], { try: 'raced', staggerMs: 0 }).dial(hostSshd)
    await turn()
    expect(losers).toBe(1)
    won.on('error', () => undefined).destroy()
  })

  test.each(['in order', 'raced'] as const)('that is none is told gateway by gateway (%s)', (how) =>
    withAll(
      [dead(), refusing(), mute(), { dial: () => Promise.reject(new Error('no\u001b[31m')) }],
      async (gateways) => {
        await openAll(gateways.slice(1, 2))
        const gateway = firstOf(gateways, { try: how, limitMs: 1000 })
        await using host = connectionTo(hostSshd, { gateway })
        const error = await host.open().catch((error: unknown) => error)
        expect(error).toMatchObject({
          name: 'ConnectError',
          code: 'GATEWAYS_FAILED',
          hop: { index: 0, host: hostSshd.host },
          phase: 'dial',
          cause: { errors: expect.objectContaining({ length: 4 }) },
        })
        const { message } = error as Error
        expect(message).toContain(`none of 4 gateways led to ${hostSshd.host}:${hostSshd.port}: `)
        expect(message).toContain('socks5://127.0.0.1:1: the proxy socks5://127.0.0.1:1 could not be reached')
        expect(message).toContain(`${refusingSshd.host}: ${refusingSshd.host}: refused a channel`)
        expect(message).toContain(`${silent.host}: no stream within 1000 ms`)
        expect(message).toContain('a dialer: no\\x1b[31m')
      },
    ),
  )

  test('is given up with the call, and nothing of it is left', () =>
    withAll([mute(), mute()], async (gateways) => {
      const way = firstOf(gateways, { try: 'raced', staggerMs: 0 })
      const controller = new AbortController()
      const dialled = way.dial(hostSshd, { signal: controller.signal }).catch((error: unknown) => error)
      await vi.waitFor(() => expect(silent.live()).toBe(2))
      controller.abort('enough')
      expect(await dialled).toMatchObject({ name: 'AbortError', cause: 'enough' })
      await vi.waitFor(() => expect(silent.live()).toBe(0))
      await expect(way.dial(hostSshd, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' })
      await using host = connectionTo(hostSshd, { gateway: way, connectTimeoutMs: 100 })
      await expect(host.open()).rejects.toMatchObject({ code: 'TIMEOUT', hop: { index: 0 }, phase: 'dial' })
    }))

  test('can be one of several itself', () =>
    withAll([dead(), good()], async ([one, two]) => {
      const way = firstOf([firstOf([one ?? false]), firstOf([two ?? false], { try: 'raced' })])
      await using host = connectionTo(hostSshd, { gateway: way })
      expect((await host.run('echo here')).stdout).toBe('here\n')
    }))
})
