// An AbortSignal at every point of the way: the call ends at once and says where it stood, nothing of it is left, and
// whoever else uses the gateway notices nothing.

import { channel } from 'node:diagnostics_channel'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { deferred } from '../../src/deferred.js'
import { Connection, type ConnectionOptions, type PhaseEvent, parseSshConfig } from '../../src/index.js'
import { createNetwork, type Network, type NetworkHost } from '../../src/testing/index.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { createNetns } from '../support/netns.js'

/** What the promise of 100 ms may become on a machine that is busy with other things. */
const atOnceMs = 500

const never = (): Promise<never> => new Promise(() => {})

vi.mock('node:dns', async (original) => {
  const dns = await original<typeof import('node:dns')>()
  const lookup = (host: string, ...rest: unknown[]): unknown =>
    host === 'never.example' ? undefined : Reflect.apply(dns.lookup, dns, [host, ...rest])
  return { ...dns, lookup }
})

/** A point on the way of a hop, where it is made to stand still. */
interface Point {
  readonly phase: string
  readonly faults?: Parameters<NetworkHost['fault']>[0]
  readonly options?: (reached: () => void) => ConnectionOptions
  /** Resolves when the hop stands there; default: when `reached` was called. */
  readonly moment?: (host: NetworkHost) => Promise<unknown>
}

const points: Readonly<Record<string, Point>> = {
  'the version line': {
    phase: 'version',
    faults: { version: 'never' },
    moment: (host) => endOf(host.name === 'gate' ? 'dial' : 'channel', host.name),
  },
  'the key exchange': {
    phase: 'key-exchange',
    faults: { version: { send: 'SSH-2.0-silent\r\n', afterwards: 'silence' } },
    moment: (host) => endOf('version', host.name),
  },
  'a question about the host key': {
    phase: 'host-key',
    options: (reached) => ({
      strictHostKeyChecking: 'ask',
      userKnownHostsFile: [],
      ask: () => {
        reached()
        return never()
      },
    }),
  },
  'a verdict on the host key': {
    phase: 'host-key',
    options: (reached) => ({
      verifyHostKey: () => {
        reached()
        return never()
      },
    }),
  },
  'a password': {
    phase: 'authentication',
    options: (reached) => ({
      preferredAuthentications: ['password'],
      ask: () => {
        reached()
        return never()
      },
    }),
  },
  'the answer to a signature': {
    phase: 'authentication',
    faults: { authentication: 'hang' },
    moment: (host) => host.logged(({ event }) => event === 'authentication'),
  },
}

/** The end of that phase of that host's hop, and the begin of the next. */
async function endOf(phase: string, host: string): Promise<void> {
  const seen = deferred<void>()
  const look = (message: unknown): void => {
    const event = message as PhaseEvent
    if (event.phase === phase && event.hop.host === host) seen.resolve()
  }
  const phases = channel('sallyport:phase')
  phases.subscribe(look)
  await seen.promise
  phases.unsubscribe(look)
}

let network: Network
beforeEach(async () => {
  const users = { ops: { password: 'nobody gives it' } }
  network = await createNetwork({
    hosts: { gate: { listen: true, reaches: ['inner'], users }, inner: { users } },
  })
})
afterEach(() => network.close())

const gateTo = (options: ConnectionOptions = {}): Connection =>
  new Connection('ops@gate', { ...network.settings, gateway: network.dialer, ...options })
const innerTo = (gateway: Connection, options: ConnectionOptions = {}): Connection =>
  new Connection('ops@inner', { ...network.settings, gateway, ...options })

/** Aborts and checks what the call says. */
async function abortAndCheck(
  controller: AbortController,
  call: Promise<unknown>,
  expected: { readonly phase: string; readonly hop: object | undefined },
): Promise<void> {
  const failing = failureOf(call)
  const began = performance.now()
  controller.abort('enough')
  const error = await failing
  expect(performance.now() - began).toBeLessThan(atOnceMs)
  expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause: 'enough', ...expected })
}

const calls = {
  open: (connection: Connection, signal: AbortSignal): Promise<unknown> => connection.open({ signal }),
  run: (connection: Connection, signal: AbortSignal): Promise<unknown> => connection.run('true', { signal }),
  spawn: (connection: Connection, signal: AbortSignal): Promise<unknown> =>
    connection.spawn('true', { signal }),
  dial: (connection: Connection, signal: AbortSignal): Promise<unknown> =>
    connection.dial({ host: 'localhost', port: 22 }, { signal }),
}
const callNames = Object.keys(calls) as readonly (keyof typeof calls)[]
const matrix = Object.keys(points).flatMap((what) => callNames.map((call) => [what, call] as const))

describe('an abort while an open waits for', () => {
  leakCheck()

  test.each(matrix)('%s of the gateway (%s)', async (what, call) => {
    const { phase, faults = {}, options, moment } = points[what] ?? { phase: '' }
    const reached = deferred<void>()
    const host = network.host('gate')
    host.fault(faults)
    await using gate = gateTo(options?.(reached.resolve))
    await using inner = innerTo(gate)
    const controller = new AbortController()
    const stands = moment?.(host) ?? reached.promise
    const calling = calls[call](inner, controller.signal)
    await stands
    await abortAndCheck(controller, calling, {
      phase,
      hop: expect.objectContaining({ index: 0, host: 'gate' }),
    })
    await vi.waitFor(() => expect(host.connections).toBe(0))
    expect([gate.state, inner.state]).toEqual(['idle', 'idle'])
  })

  test.each(matrix)('%s of the inner host, and spares the gateway (%s)', async (what, call) => {
    const { phase, faults = {}, options, moment } = points[what] ?? { phase: '' }
    const reached = deferred<void>()
    const host = network.host('inner')
    host.fault(faults)
    await using gate = gateTo()
    await using inner = innerTo(gate, options?.(reached.resolve))
    const controller = new AbortController()
    const stands = moment?.(host) ?? reached.promise
    const calling = calls[call](inner, controller.signal)
    await stands
    await abortAndCheck(controller, calling, {
      phase,
      hop: expect.objectContaining({ index: 1, host: 'inner', via: 'gate' }),
    })
    await vi.waitFor(() => expect(host.connections).toBe(0))
    expect(network.host('gate').connections).toBe(1)
    expect((await gate.run('hostname')).stdout).toBe('gate\n')
  })

  test.each(callNames)('the channel to the inner host, and spares the gateway (%s)', async (call) => {
    await using gate = gateTo()
    await using inner = innerTo(gate)
    network.host('gate').fault({ forwarding: 'hang' })
    const controller = new AbortController()
    const calling = calls[call](inner, controller.signal)
    await network.host('gate').logged(({ event }) => event === 'channel')
    await abortAndCheck(controller, calling, {
      phase: 'channel',
      hop: expect.objectContaining({ index: 1, host: 'inner' }),
    })
    expect((await gate.run('hostname')).stdout).toBe('gate\n')
  })

  test('a name to be looked up', async () => {
    const controller = new AbortController()
    await using connection = new Connection('never.example', network.settings)
    await connection.resolve()
    const calling = connection.open({ signal: controller.signal })
    await vi.waitFor(() => expect(connection.state).toBe('opening'))
    await abortAndCheck(controller, calling, {
      phase: 'dial',
      hop: expect.objectContaining({ index: 0, host: 'never.example' }),
    })
  })

  test('a route to be looked up', async () => {
    const controller = new AbortController()
    const { sshConfig: _, ...settings } = network.settings
    const slow = parseSshConfig('Match exec "exec sleep 60"')
    await using connection = new Connection('gate', { ...settings, sshConfig: slow, exec: 'allow' })
    const calling = connection.open({ signal: controller.signal })
    await vi.waitFor(() => expect(process.getActiveResourcesInfo()).toContain('ProcessWrap'))
    await abortAndCheck(controller, calling, { phase: 'resolve', hop: undefined })
    await vi.waitFor(() => expect(connection.state).toBe('idle'))
  })

  test('a TCP handshake', async () => {
    await using netns = await createNetns()
    await netns.linkDown()
    const controller = new AbortController()
    await using connection = new Connection(netns.address, network.settings)
    const calling = connection.open({ signal: controller.signal })
    await vi.waitFor(() => expect(process.getActiveResourcesInfo()).toContain('ConnectWrap'))
    await abortAndCheck(controller, calling, {
      phase: 'dial',
      hop: expect.objectContaining({ index: 0, host: netns.address }),
    })
  })

  test('a dialer that never answers', async () => {
    network.host('gate').fault({ connection: 'hang' })
    const controller = new AbortController()
    await using gate = gateTo()
    await gate.resolve()
    const calling = gate.open({ signal: controller.signal })
    await vi.waitFor(() => expect(gate.state).toBe('opening'))
    await abortAndCheck(controller, calling, {
      phase: 'dial',
      hop: expect.objectContaining({ host: 'gate' }),
    })
  })

  test.each(callNames)('nothing yet keeps the network untouched (%s)', async (call) => {
    await using gate = gateTo()
    await using inner = innerTo(gate)
    const error = await failureOf(calls[call](inner, AbortSignal.abort('before')))
    expect(error).toMatchObject({ name: 'AbortError', cause: 'before', phase: 'resolve' })
    expect(network.host('gate').log).toEqual([])
    expect(inner.state).toBe('idle')
  })
})
