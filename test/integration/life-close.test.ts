// The end of connections by close(): at any moment, from several sides at once, in any order; and what may be used after.

import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { deferred } from '../../src/deferred.js'
import { Connection, type ConnectionOptions } from '../../src/index.js'
import { createNetwork, type Network, type NetworkHost } from '../../src/testing/index.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { tempHome } from '../support/temp-home.js'

let network: Network
beforeEach(async () => {
  const hang = async (
    _: string,
    { stdout, signal }: { readonly stdout: NodeJS.WritableStream; readonly signal: AbortSignal },
  ): Promise<string> => {
    stdout.write('so far\n')
    if (!signal.aborted) await once(signal, 'abort')
    return ''
  }
  network = await createNetwork({
    hosts: { gate: { listen: true, reaches: ['*'] }, inner: { commands: { hang } }, other: {} },
  })
})
afterEach(() => network.close())

const gateTo = (options: ConnectionOptions = {}): Connection =>
  new Connection('gate', { ...network.settings, gateway: network.dialer, ...options })
const to = (host: string, gateway: Connection, options: ConnectionOptions = {}): Connection =>
  new Connection(host, { ...network.settings, gateway, ...options })

const seen = (): readonly number[] => ['gate', 'inner'].map((name) => network.host(name).connections)

/** A command that has started and will not end by itself. */
async function hanging(connection: Connection): Promise<{ readonly failed: Promise<unknown> }> {
  const started = deferred<void>()
  const failed = failureOf(connection.run('hang', { onStdout: () => started.resolve() }))
  await started.promise
  return { failed }
}

describe('close', () => {
  leakCheck()

  test.each<readonly [string, Parameters<NetworkHost['fault']>[0]]>([
    ['the version', { version: 'never' }],
    ['the key exchange', { version: { send: 'SSH-2.0-x\r\n', afterwards: 'silence' } }],
    ['the authentication', { authentication: 'hang' }],
    ['the connection', { connection: 'hang' }],
  ])('while an open waits for %s rejects it with CLOSED, at both hops', async (_what, faults) => {
    for (const name of ['gate', 'inner']) {
      network.host(name).fault(faults)
      await using gate = gateTo()
      const inner = to('inner', gate)
      const opening = failureOf(inner.open())
      const running = failureOf(inner.run('true'))
      if (faults.connection === 'hang' && name === 'gate')
        await vi.waitFor(() => expect(gate.state).toBe('opening'))
      else if (faults.connection === 'hang')
        await network.host('gate').logged(({ event }) => event === 'channel')
      else await network.host(name).logged(({ event }) => event === 'connected')
      const began = performance.now()
      await inner.close()
      expect(performance.now() - began).toBeLessThan(1000)
      expect(await opening).toMatchObject({ code: 'CLOSED', hop: { host: 'inner' } })
      expect(await running).toMatchObject({ code: 'CLOSED' })
      expect(inner.state).toBe('closed')
      expect(await inner.closed).toEqual({ reason: 'closed' })
      await gate.close()
      await vi.waitFor(() => expect(seen()).toEqual([0, 0]))
      network.host(name).fault({})
    }
  })

  test('before the first use, twice, and after a loss, is done at once', async () => {
    const gate = gateTo()
    await gate.close()
    await Promise.all([gate.close(), gate.close()])
    expect(await gate.closed).toEqual({ reason: 'closed' })
    await gate.open()
    network.host('gate').disconnect()
    expect(await gate.closed).toMatchObject({ reason: 'lost', error: { code: 'CONNECTION_LOST' } })
    await Promise.all([gate.close(), gate.close()])
    expect(gate.state).toBe('closed')
  })

  test('settles the end of each life once, and later lives have ends of their own', async () => {
    await using gate = gateTo()
    const ends: string[] = []
    for (const how of ['closed', 'lost', 'closed'] as const) {
      await gate.open()
      void gate.closed.then(({ reason }) => ends.push(reason))
      if (how === 'lost') network.host('gate').disconnect()
      else await Promise.all([gate.close(), gate.close()])
      await gate.closed
    }
    await gate.close()
    expect(ends).toEqual(['closed', 'lost', 'closed'])
  })

  test('rejects what runs, with the output so far, and is over when that is', async () => {
    await using gate = gateTo()
    const inner = to('inner', gate)
    const { failed } = await hanging(inner)
    const stream = await inner.dial({ host: 'inner', port: 22 })
    const streamFailed = once(stream, 'end').catch((error: unknown) => error)
    await inner.close()
    expect(await failed).toMatchObject({ name: 'CommandError', code: 'CLOSED', stdout: 'so far\n' })
    expect(await streamFailed).toMatchObject({ code: 'ECONNRESET', cause: { code: 'CLOSED' } })
    expect(stream.destroyed).toBe(true)
    expect(gate.state).toBe('open')
  })

  test('that meets an error in the same moment is an end all the same, and one only', async () => {
    await using gate = gateTo()
    const inner = to('inner', gate)
    const { failed } = await hanging(inner)
    network.host('inner').disconnect()
    network.host('gate').disconnect()
    await Promise.all([inner.close(), inner.close()])
    expect(['CLOSED', 'CONNECTION_LOST']).toContain(((await failed) as { code: string }).code)
    expect(inner.state).toBe('closed')
    await vi.waitFor(() => expect(gate.state).toBe('lost'))
  })

  test.each(['target first', 'gateway first', 'both at once'])('%s comes to the same end', async (order) => {
    const gate = gateTo()
    const inner = to('inner', gate)
    const { failed } = await hanging(inner)
    const inTurn = order === 'gateway first' ? [gate, inner] : [inner, gate]
    if (order === 'both at once') await Promise.all(inTurn.map((connection) => connection.close()))
    else for (const connection of inTurn) await connection.close()
    expect([gate.state, inner.state]).toEqual(['closed', 'closed'])
    expect(await failed).toMatchObject({ name: 'CommandError', stdout: 'so far\n' })
    await vi.waitFor(() => expect(seen()).toEqual([0, 0]))
  })

  test('of a silent peer does not wait for it', async () => {
    await using gate = gateTo()
    const inner = to('inner', gate)
    await inner.open()
    network.host('gate').fault({ silent: true })
    const began = performance.now()
    await Promise.all([inner.close(), gate.close()])
    expect(performance.now() - began).toBeLessThan(2000)
    expect([gate.state, inner.state]).toEqual(['closed', 'closed'])
  })

  test('is called by `await using`, and the error of the block comes through', async () => {
    let inner: Connection | undefined
    const block = async (): Promise<void> => {
      await using gate = gateTo()
      await using target = to('inner', gate)
      inner = target
      await target.open()
      throw new RangeError('of the block')
    }
    await expect(block()).rejects.toThrow(new RangeError('of the block'))
    expect(inner?.state).toBe('closed')
    await vi.waitFor(() => expect(seen()).toEqual([0, 0]))
  })

  test('leaves a connection that opens again on the next use, even on one in the same breath', async () => {
    await using gate = gateTo()
    await using inner = to('inner', gate)
    await inner.open()
    const closing = inner.close()
    expect((await inner.run('hostname')).stdout).toBe('inner\n')
    await closing
    expect(inner.state).toBe('open')
    await gate.close()
    await vi.waitFor(() => expect(inner.state).toBe('lost'))
    expect((await inner.run('hostname')).stdout).toBe('inner\n')
    network.host('gate').disconnect()
    expect((await inner.closed).reason).toBe('lost')
    expect((await inner.run('hostname')).stdout).toBe('inner\n')
  })

  test('ends a gateway that configuration made with its last user', async () => {
    using home = tempHome()
    home.write('.ssh/id_ed25519', network.userKey.privateKey)
    home.write('.ssh/known_hosts', network.knownHosts)
    const { host, port } = network.address('gate')
    const [one, two] = ['inner', 'other'].map(
      (name) => new Connection(name, { ...network.settings, proxyJump: `${host}:${port}` }),
    )
    await Promise.all([one?.open(), two?.open()])
    expect(network.host('gate').connections).toBe(1)
    await one?.close()
    expect((await two?.run('hostname'))?.stdout).toBe('other\n')
    network.host('other').disconnect()
    expect((await two?.closed)?.reason).toBe('lost')
    await vi.waitFor(() => expect(network.host('gate').connections).toBe(0))
    await two?.close()
  })
})
