// The way to the first hop: addresses that refuse, that are silent, that do not exist.

import { execFileSync } from 'node:child_process'
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Connection } from '../../src/index.js'
import { connectionBy, failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { createNetns } from '../support/netns.js'
import { startRawServer } from '../support/raw-server.js'
import { freePort, randomLoopback, startSshd } from '../support/sshd.js'
import { startTcpFault } from '../support/tcp-fault.js'

const user = 'someone'

/** Makes the system's look-up give these addresses for every name. */
function answerLookups(...addresses: readonly { readonly address: string; readonly family: number }[]): void {
  vi.spyOn(dns, 'lookup').mockImplementation(((
    _name: string,
    _options: unknown,
    done: (...answer: unknown[]) => void,
  ) => {
    setImmediate(done, null, addresses)
  }) as typeof dns.lookup)
  syncBuiltinESMExports()
}

describe('the way to the first hop', () => {
  leakCheck()
  afterEach(() => {
    vi.restoreAllMocks()
    syncBuiltinESMExports()
  })

  test('a refusal is told at once, with address and hop', async () => {
    const host = randomLoopback()
    const port = await freePort(host)
    const connection = new Connection(host, { user, port })
    const before = performance.now()
    const error = await failureOf(connection.open())
    expect(performance.now() - before).toBeLessThan(2000)
    expect(error).toMatchObject({
      code: 'CONNECTION_REFUSED',
      phase: 'dial',
      hop: { index: 0, count: 1, user, host, port },
    })
    expect(error.hop?.via).toBeUndefined()
    expect(error.message).toContain(`${host}:${port}`)
    expect(connection.state).toBe('idle')
  })

  test('an address that swallows packets is given up after connectTimeoutMs, and its socket with it', async () => {
    await using silent = await createNetns()
    await silent.blackholeRoute()
    const connection = new Connection(silent.address, { user, connectTimeoutMs: 400 })
    const before = performance.now()
    const error = await failureOf(connection.open())
    const took = performance.now() - before
    expect(took).toBeGreaterThanOrEqual(399)
    expect(took).toBeLessThan(5000)
    expect(error).toMatchObject({ code: 'TIMEOUT', phase: 'dial', hop: { index: 0, host: silent.address } })
    expect(execFileSync('ss', ['-tanH', 'dst', silent.address], { encoding: 'utf8' })).toBe('')
  })

  test('a name that does not exist is told by its name, and looked up once', async () => {
    const lookUp = vi.spyOn(dns, 'lookup')
    syncBuiltinESMExports()
    const error = await failureOf(new Connection('no-such-host.invalid', { user }).open())
    expect(error).toMatchObject({
      code: 'NAME_NOT_FOUND',
      phase: 'dial',
      hop: { index: 0, host: 'no-such-host.invalid' },
    })
    expect(error.message).toContain('no-such-host.invalid')
    expect(lookUp).toHaveBeenCalledTimes(1)
  })

  test('a dead address and a refusing one do not keep a name from its living one', async () => {
    await using silent = await createNetns()
    await silent.blackholeRoute()
    await using sshd = await startSshd()
    answerLookups(
      { address: '::1', family: 6 },
      { address: silent.address, family: 4 },
      { address: sshd.host, family: 4 },
    )
    await using connection = connectionBy({ host: 'three.example', port: sshd.port }, sshd)
    const before = performance.now()
    await connection.open()
    expect(performance.now() - before).toBeLessThan(5000)
    expect(sshd.connections()).toHaveLength(1)
  })

  test('when all addresses of a name are dead, the one error has them all', async () => {
    const [first, second] = [randomLoopback(), randomLoopback()]
    const port = await freePort(first)
    answerLookups({ address: first, family: 4 }, { address: second, family: 4 })
    const error = await failureOf(new Connection('two.example', { user, port }).open())
    expect(error).toMatchObject({ code: 'CONNECTION_REFUSED', phase: 'dial', hop: { host: 'two.example' } })
    for (const address of [first, second]) expect(error.message).toContain(`${address}:${port} ECONNREFUSED`)
    expect(error.cause).toMatchObject({ errors: [{ address: first }, { address: second }] })
  })
})

describe('a server that says nothing, or too little', () => {
  leakCheck()

  test('is given up after connectTimeoutMs', async () => {
    await using sshd = await startSshd()
    await using deaf = await startTcpFault(sshd, { accept: 'hang' })
    const connection = connectionBy(deaf, sshd, { connectTimeoutMs: 300 })
    const before = performance.now()
    const error = await failureOf(connection.open())
    expect(performance.now() - before).toBeGreaterThanOrEqual(299)
    expect(error).toMatchObject({ code: 'TIMEOUT', phase: 'version', hop: { index: 0, host: deaf.host } })

    deaf.faults = {}
    await using again = connection
    await again.open()
    expect(again.state).toBe('open')
  })

  test('gains no time by a byte now and then: the limit is for all of the version line', async () => {
    await using slow = await startRawServer(({ socket }) => {
      const timer = setInterval(() => socket.write('S'), 50)
      socket.on('close', () => clearInterval(timer))
    })
    const connection = new Connection(slow.host, { user, port: slow.port, connectTimeoutMs: 400 })
    const before = performance.now()
    const error = await failureOf(connection.open())
    const took = performance.now() - before
    expect(took).toBeGreaterThanOrEqual(399)
    expect(took).toBeLessThan(5000)
    expect(error).toMatchObject({ code: 'TIMEOUT', phase: 'version', hop: { index: 0, host: slow.host } })
    await vi.waitFor(() => expect(slow.live()).toBe(0), { timeout: 5000 })
  })

  test('behind a gateway is given up as well, and the gateway goes on', async () => {
    await using gate = await startSshd()
    await using slow = await startRawServer(({ socket }) => {
      const timer = setInterval(() => socket.write('S'), 50)
      socket.on('close', () => clearInterval(timer))
    })
    await using gateway = connectionTo(gate)
    const inner = new Connection(slow.host, { user, port: slow.port, gateway, connectTimeoutMs: 400 })
    const error = await failureOf(inner.open())
    expect(error).toMatchObject({
      code: 'TIMEOUT',
      phase: 'version',
      hop: { index: 1, count: 2, host: slow.host, via: gate.host },
    })
    await vi.waitFor(() => expect(slow.live()).toBe(0), { timeout: 5000 })
    expect((await gateway.run('echo alive')).stdout).toBe('alive\n')
    expect(gate.connections()).toHaveLength(1)
  })
})
