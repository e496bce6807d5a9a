// An AbortSignal on what is open, on calls that share an attempt, and on calls that wait for something to be cleared
// away: it ends its own call and nothing else.

import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { deferred } from '../../src/deferred.js'
import { Connection, type ConnectionOptions } from '../../src/index.js'
import { createNetwork, type Network } from '../../src/testing/index.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'

/** What the promise of 100 ms may become on a machine that is busy with other things. */
const atOnceMs = 500

let network: Network
beforeEach(async () => {
  const hang = async (_: string, { signal }: { readonly signal: AbortSignal }): Promise<string> => {
    if (!signal.aborted) await once(signal, 'abort')
    return ''
  }
  network = await createNetwork({
    hosts: { gate: { listen: true, reaches: ['inner'] }, inner: { commands: { hang } } },
  })
})
afterEach(() => network.close())

const gateTo = (options: ConnectionOptions = {}): Connection =>
  new Connection('gate', { ...network.settings, gateway: network.dialer, ...options })
const innerTo = (gateway: Connection, options: ConnectionOptions = {}): Connection =>
  new Connection('inner', { ...network.settings, gateway, ...options })

/** How many commands the inner host was asked for. */
const commandsSeen = (): number => network.host('inner').log.filter(({ event }) => event === 'command').length

async function expectAtOnce(failing: Promise<unknown>, began: number): Promise<void> {
  expect(await failing).toMatchObject({
    name: 'AbortError',
    code: 'ABORT_ERR',
    cause: 'enough',
    phase: expect.any(String),
    hop: { index: 1, host: 'inner', via: 'gate' },
  })
  expect(performance.now() - began).toBeLessThan(atOnceMs)
}

describe('an abort', () => {
  leakCheck()

  test('after the success of a call has no effect on what is open', async () => {
    const controller = new AbortController()
    const { signal } = controller
    await using gate = gateTo()
    await using inner = innerTo(gate)
    await inner.open({ signal })
    await inner.run('true', { signal })
    const stream = await gate.dial({ host: 'inner', port: 22 }, { signal })
    controller.abort('late')
    expect([gate.state, inner.state]).toEqual(['open', 'open'])
    expect((await inner.run('hostname')).stdout).toBe('inner\n')
    expect(stream.destroyed).toBe(false)
    stream.destroy()
    await once(stream, 'close')
  })

  test.each(['hang', 'refuse to answer', 'hang in the channel'])(
    'ends a command that would %s',
    async (how) => {
      await using gate = gateTo()
      await using inner = innerTo(gate)
      await inner.open()
      if (how === 'refuse to answer') network.host('inner').fault({ exec: 'hang' })
      if (how === 'hang in the channel') network.host('inner').fault({ session: 'hang' })
      for (const [index, call] of (['run', 'spawn'] as const).entries()) {
        const controller = new AbortController()
        const { signal } = controller
        const calling = failureOf(
          call === 'run'
            ? inner.run('hang', { signal })
            : inner.spawn('hang', { signal }).then((command) => command.wait()),
        )
        if (how === 'hang in the channel') await delay(20)
        else await vi.waitFor(() => expect(commandsSeen()).toBe(index + 1))
        const began = performance.now()
        controller.abort('enough')
        await expectAtOnce(calling, began)
      }
      network.host('inner').fault({})
      expect((await inner.run('hostname')).stdout).toBe('inner\n')
    },
  )

  test.each(['run', 'spawn', 'dial'] as const)('at the very start of %s leaves no trace', async (call) => {
    await using gate = gateTo()
    await using inner = innerTo(gate)
    await inner.open()
    const before = network.host('inner').log.length
    const controller = new AbortController()
    const { signal } = controller
    const calling = failureOf(
      call === 'dial' ? inner.dial({ host: 'inner', port: 22 }, { signal }) : inner[call]('hang', { signal }),
    )
    const began = performance.now()
    controller.abort('enough')
    await expectAtOnce(calling, began)
    expect((await inner.run('hostname')).stdout).toBe('inner\n')
    expect(
      network
        .host('inner')
        .log.slice(before)
        .map(({ event }) => event),
    ).not.toContain('channel')
  })

  test('of one who joined an attempt disturbs nobody else', async () => {
    const asked = deferred<void>()
    const answer = deferred<string>()
    await using gate = gateTo()
    await using inner = innerTo(gate, {
      strictHostKeyChecking: 'ask',
      userKnownHostsFile: [],
      ask: () => {
        asked.resolve()
        return answer.promise
      },
    })
    const controller = new AbortController()
    const leaving = failureOf(inner.open({ signal: controller.signal }))
    const staying = inner.run('hostname')
    const hurried = failureOf(inner.open({ timeoutMs: 50 }))
    await asked.promise
    const began = performance.now()
    controller.abort('enough')
    await expectAtOnce(leaving, began)
    expect(await hurried).toMatchObject({ code: 'TIMEOUT', phase: 'host-key', hop: { index: 1 } })
    expect(inner.state).toBe('opening')
    answer.resolve('yes')
    expect((await staying).stdout).toBe('inner\n')
    expect(network.host('inner').log.filter(({ event }) => event === 'connected')).toHaveLength(1)
  })

  test('of one of two who wait for the same gateway leaves it to the other', async () => {
    network.host('gate').fault({ silent: true })
    await using gate = gateTo()
    await using leaver = innerTo(gate)
    await using stayer = innerTo(gate)
    const controller = new AbortController()
    const leaving = failureOf(leaver.open({ signal: controller.signal }))
    const staying = stayer.run('hostname')
    await network.host('gate').logged(({ event }) => event === 'connected')
    controller.abort()
    expect(await leaving).toMatchObject({ name: 'AbortError', hop: { index: 0, host: 'gate' } })
    network.host('gate').fault({})
    expect((await staying).stdout).toBe('inner\n')
    expect(network.host('gate').log.filter(({ event }) => event === 'connected')).toHaveLength(1)
  })

  test('of the last who waits ends the attempt for the gateway as well', async () => {
    network.host('gate').fault({ version: 'never' })
    await using gate = gateTo()
    const inners = [innerTo(gate), innerTo(gate)]
    const controller = new AbortController()
    const calls = inners.map((inner) => failureOf(inner.open({ signal: controller.signal })))
    await network.host('gate').logged(({ event }) => event === 'connected')
    controller.abort()
    for (const call of calls) expect(await call).toMatchObject({ name: 'AbortError', hop: { host: 'gate' } })
    await vi.waitFor(() => expect([gate.state, network.host('gate').connections]).toEqual(['idle', 0]))
  })

  test('ends a call at once that waits for an earlier attempt to be cleared away', async () => {
    // It heeds nothing but SIGKILL, which comes after two seconds.
    const gateway = { command: ['sh', '-c', "trap '' HUP TERM; while :; do sleep 1; done"] }
    await using stubborn = new Connection('inner', { ...network.settings, gateway })
    const first = new AbortController()
    const failing = failureOf(stubborn.open({ signal: first.signal }))
    await delay(200)
    first.abort()
    await failing
    const second = new AbortController()
    const waiting = failureOf(stubborn.open({ signal: second.signal }))
    const hurried = failureOf(stubborn.open({ timeoutMs: 50 }))
    const began = performance.now()
    await delay(10)
    second.abort('enough')
    expect(await waiting).toMatchObject({ name: 'AbortError', hop: { index: 0, host: 'inner' } })
    expect(await hurried).toMatchObject({ code: 'TIMEOUT', hop: { index: 0, host: 'inner' } })
    expect(performance.now() - began).toBeLessThan(60 + atOnceMs)
  })
})
