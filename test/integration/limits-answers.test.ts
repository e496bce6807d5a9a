// Servers that do not answer what an open connection asks for, or answer too late, or with their last words.

import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'
import { type ChannelEvent, Connection } from '../../src/index.js'
import { createNetwork, type Faults } from '../../src/testing/index.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { type ChannelRequest, startScriptedGateway } from '../support/scripted-gateway.js'

const limitMs = 300
const address = { host: 'db', port: 22 }

describe('a server that does not answer an open connection', () => {
  leakCheck()

  const calls: readonly (readonly [string, Faults, string, (host: Connection) => Promise<unknown>])[] = [
    ['run', { session: 'hang' }, 'a command', (host) => host.run('true')],
    ['run', { exec: 'hang' }, 'a command', (host) => host.run('true')],
    ['spawn', { session: 'hang' }, 'a command', (host) => host.spawn('true')],
    ['spawn', { exec: 'hang' }, 'a command', (host) => host.spawn('true')],
    ['shell', { session: 'hang' }, 'a shell', (host) => host.shell({ term: 'xterm' })],
    ['shell', { exec: 'hang' }, 'a shell', (host) => host.shell({ term: 'xterm' })],
    ['dial', { forwarding: 'hang' }, 'db:22', (host) => host.dial(address)],
  ]
  test.each(calls)('%s gives it no longer than its limit: %o', async (_, faults, what, call) => {
    await using network = await createNetwork({
      hosts: { edge: { listen: true, reaches: ['host'] }, host: { faults, reaches: ['db'] }, db: {} },
    })
    const edge = new Connection('edge', { ...network.settings, gateway: network.dialer })
    await using host = new Connection('host', {
      ...network.settings,
      gateway: edge,
      connectTimeoutMs: limitMs,
    })
    await host.open()
    const begun = performance.now()
    const error = await failureOf(call(host))
    expect(error).toMatchObject({
      name: 'ConnectError',
      code: 'TIMEOUT',
      phase: 'channel',
      hop: { index: 1, count: 2, host: 'host', via: 'edge' },
      message: expect.stringMatching(new RegExp(`${what} within ${limitMs} ms$`)),
    })
    expect(performance.now() - begun).toBeGreaterThan(limitMs - 5)
    expect(performance.now() - begun).toBeLessThan(10 * limitMs)
    // It may be only this that it does not do.
    network.host('host').fault({})
    expect((await host.run('hostname')).stdout).toBe('host\n')
    await edge.close()
  })

  test('has as long as its caller likes where no limit is wanted', async () => {
    await using network = await createNetwork({ hosts: { host: { listen: true, faults: { exec: 'hang' } } } })
    const options = { ...network.settings, gateway: network.dialer, connectTimeoutMs: 0 }
    await using host = new Connection('host', options)
    const signal = AbortSignal.timeout(100)
    expect(await failureOf(host.run('true', { signal }))).toMatchObject({ code: 'ABORT_ERR' })
  })

  test('has the time that a hop behind it is given for its own opening', async () => {
    await using network = await createNetwork({
      hosts: { edge: { listen: true, reaches: ['host'], faults: { forwarding: 'hang' } }, host: {} },
    })
    const settings = network.settings
    await using edge = new Connection('edge', { ...settings, gateway: network.dialer, connectTimeoutMs: 200 })
    await using host = new Connection('host', { ...settings, gateway: edge, connectTimeoutMs: 600 })
    await edge.open()
    const begun = performance.now()
    expect(await failureOf(host.open())).toMatchObject({
      code: 'TIMEOUT',
      phase: 'channel',
      hop: { host: 'host' },
    })
    expect(performance.now() - begun).toBeGreaterThan(595)
  })
})

describe('a channel that was given up', () => {
  leakCheck()

  test.each<[string, (connection: Connection) => Promise<unknown>]>([
    ['a stream', (connection) => connection.dial(address)],
    ['a command', (connection) => connection.run('touch /too-late')],
    ['a shell', (connection) => connection.shell({ term: 'xterm' })],
  ])(
    'for %s is closed at once when it is opened after all, and nothing is started on it',
    async (_, call) => {
      const requests: ChannelRequest[] = []
      await using scripted = await startScriptedGateway((request) => void requests.push(request))
      await using connection = await scripted.connection({ connectTimeoutMs: 100 }).open()
      expect(await failureOf(call(connection))).toMatchObject({ code: 'TIMEOUT' })
      for (const { id, say } of requests) say.confirm(id)
      await vi.waitFor(() => expect(scripted.closed).toEqual([0]))
      expect(scripted.asked).toEqual([])
      expect(connection.state).toBe('open')
    },
  )

  test('while its command was to be started is closed', async () => {
    await using scripted = await startScriptedGateway(({ id, say }) => say.confirm(id))
    await using connection = await scripted.connection({ connectTimeoutMs: 100 }).open()
    expect(await failureOf(connection.run('true'))).toMatchObject({ code: 'TIMEOUT' })
    expect(scripted.asked).toEqual(['exec'])
    await vi.waitFor(() => expect(scripted.closed).toEqual([0]))
  })

  test('by its caller starts no command when it is opened after all', async () => {
    const controller = new AbortController()
    await using scripted = await startScriptedGateway(({ id, say }) => {
      controller.abort()
      setImmediate(() => say.confirm(id))
    })
    await using connection = await scripted.connection().open()
    const { signal } = controller
    expect(await failureOf(connection.run('true', { signal }))).toMatchObject({ code: 'ABORT_ERR' })
    await vi.waitFor(() => expect(scripted.closed).toEqual([0]))
    expect(scripted.asked).toEqual([])
  })
})

describe('a stream that is opened with the last words of a server', () => {
  leakCheck()

  test('is no success, and is told as refused', async () => {
    const closing = ({ id, say }: ChannelRequest) => say.atOnce(() => [say.confirm(id), say.disconnect()])
    await using scripted = await startScriptedGateway(closing)
    const connection = await scripted.connection().open()
    const told: string[] = []
    const note = (event: unknown) => void told.push((event as ChannelEvent).state)
    const events = channel('sallyport:channel')
    events.subscribe(note)
    expect(await failureOf(connection.dial(address))).toMatchObject({
      code: 'CONNECTION_LOST',
      hop: { host: scripted.host },
    })
    events.unsubscribe(note)
    expect(told).toEqual(['refused'])
    expect(connection.state).toBe('lost')
    expect(await connection.closed).toMatchObject({ reason: 'lost' })
  })
})

describe('a unix socket', () => {
  leakCheck()

  test('is reached on servers that do not call themselves OpenSSH', async () => {
    const path = '/run/app.sock'
    const serve = (stream: Duplex) => void stream.end('hello')
    await using network = await createNetwork({
      hosts: { app: { listen: true, services: { [path]: serve } } },
    })
    await using app = new Connection('app', { ...network.settings, gateway: network.dialer })
    const stream = await app.dial({ path })
    const [first] = await once(stream, 'data')
    expect(String(first)).toBe('hello')
    stream.destroy()
  })
})
