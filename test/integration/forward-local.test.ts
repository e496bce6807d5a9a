// Local forwards on a real sshd: where they listen, what they tell, what becomes of them.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ForwardEvent } from '../../src/diagnostics.js'
import { type Address, formatAddress } from '../../src/dialer.js'
import type { EndedConnection, Forward, RefusedConnection } from '../../src/forward/forward.js'
import { forwardLocal, type LocalForwardRequest } from '../../src/forward/forward-local.js'
import { startForwardingChain, type WayIn, wayThrough } from '../support/acquire-through.js'
import type { Chain } from '../support/chain.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { ask, client, receive, type Service, startService } from '../support/peers.js'
import { scratchDir } from '../support/run-dir.js'
import { freePort } from '../support/sshd.js'
import { warningsOf } from '../support/warnings.js'

let chain: Chain
let way: WayIn
let echo: Service
beforeAll(async () => {
  chain = await startForwardingChain(1)
  way = await wayThrough(chain)
  echo = await startService((socket) => void socket.pipe(socket))
  const warm = await way.acquire({})
  warm.release()
})
afterAll(async () => {
  await echo[Symbol.asyncDispose]()
  await way[Symbol.asyncDispose]()
  await chain[Symbol.asyncDispose]()
})

const forward = (request: Partial<LocalForwardRequest> = {}): Promise<Forward> =>
  forwardLocal(way.acquire, { to: echo.address, ...request })

const portOf = (address: Address): number => ('port' in address ? address.port : 0)

const answers = async (address: Address): Promise<string> => (await ask(address, 'hello')).bytes.toString()

describe('where a local forward listens', () => {
  leakCheck()

  test('without a word, on a free port of the loopback addresses of both families, and nowhere else', async () => {
    await using local = await forward()
    const port = portOf(local.address)
    expect(port).toBeGreaterThan(0)
    expect(local.addresses).toEqual([
      { host: '127.0.0.1', port },
      { host: '::1', port },
    ])
    for (const address of local.addresses) expect(await answers(address)).toBe('hello')
    expect(await ask({ host: '127.0.0.9', port }, '')).toMatchObject({ error: 'ECONNREFUSED' })
  })

  test.each([
    [{ host: 'localhost', port: 0 }, ['127.0.0.1', '::1']],
    [{ host: '127.0.0.9', port: 0 }, ['127.0.0.9']],
    [{ host: '::1', port: 0 }, ['::1']],
  ])('at %j, if that is asked for', async (listen, hosts) => {
    await using local = await forward({ listen })
    expect(local.addresses.map((address) => 'host' in address && address.host)).toEqual(hosts)
    expect(await answers(local.address)).toBe('hello')
  })

  test('at several addresses at once', async () => {
    const path = join(scratchDir('several'), 'socket')
    await using local = await forward({ listen: [{ host: '127.0.0.9', port: 0 }, { path }] })
    expect(await Promise.all(local.addresses.map(answers))).toEqual(['hello', 'hello'])
    expect(local.counts).toMatchObject({ accepted: 2 })
  })

  test('where others can connect only if that is said, and then with a warning', async () => {
    for (const host of ['*', '', '0.0.0.0', '::', 'some.name']) {
      const refused = await failureOf(forward({ listen: { host, port: 0 } }))
      expect(refused).toMatchObject({ name: 'ConfigError', code: 'INVALID_OPTION' })
    }
    const warnings = await warningsOf(async () => {
      await using local = await forward({ listen: { host: '*', port: 0 }, gatewayPorts: true })
      const port = portOf(local.address)
      expect(local.addresses.map(formatAddress)).toEqual([`0.0.0.0:${port}`, `[::]:${port}`])
      expect(await answers({ host: '127.0.0.9', port })).toBe('hello')
    })
    expect(warnings).toEqual([expect.stringMatching(/others can connect: \*:0$/)])
  })

  test('or it fails with the reason, and then nowhere', async () => {
    await using taken = await startService(() => {})
    const other = await freePort('127.0.0.9')
    const failed = await failureOf(
      forward({ listen: [{ host: '127.0.0.9', port: other }, { port: taken.address.port }] }),
    )
    expect(failed).toMatchObject({
      code: 'LISTEN_FAILED',
      phase: 'listen',
      cause: { code: 'EADDRINUSE', syscall: 'listen' },
    })
    expect(await ask({ host: '127.0.0.9', port: other }, '')).toMatchObject({ error: 'ECONNREFUSED' })
    expect(await ask({ host: '::1', port: taken.address.port }, '')).toMatchObject({ error: 'ECONNREFUSED' })
    expect(
      await failureOf(forward({ listen: { host: '127.0.0.1', port: taken.address.port } })),
    ).toMatchObject({
      message: expect.stringMatching(/could not listen on 127\.0\.0\.1:\d+: the address is in use/),
    })
    expect(
      await failureOf(forward({ listen: { host: '192.0.2.1', port: 0 }, gatewayPorts: true })),
    ).toMatchObject({ code: 'LISTEN_FAILED', cause: { code: 'EADDRNOTAVAIL' } })
  })

  test('and refuses what is no request, before any work', async () => {
    const wrong: readonly unknown[] = [
      { to: { host: 'x', port: 0 } },
      { listen: { port: -1 } },
      { listen: { host: 'a\nb', port: 1 } },
      { listen: [] },
      { gatewayPorts: 'yes' },
      { gateWayPorts: true },
      { timeoutMs: -1 },
    ]
    for (const request of wrong) {
      const acquire = () => Promise.reject(new Error('work'))
      const made = forwardLocal(acquire, { to: echo.address, ...(request as object) })
      await expect(made).rejects.toThrow(TypeError)
    }
  })
})

describe('a forward on a unix socket', () => {
  leakCheck()

  test('is for its owner alone, leads to a unix socket as well, and is gone when it is closed', async () => {
    const directory = scratchDir('unix')
    const [path, there] = [join(directory, 'here'), join(directory, 'there')]
    await using service = await startService((socket) => void socket.pipe(socket), there)
    const local = await forward({ listen: { path }, to: { path: there } })
    expect(lstatSync(path).mode & 0o777).toBe(0o600)
    expect(local.address).toEqual({ path })
    expect(await answers(local.address)).toBe('hello')
    expect(service.sockets).toHaveLength(1)
    await local.close()
    expect(existsSync(path)).toBe(false)
  })

  test('takes the place of nothing', async () => {
    const directory = scratchDir('unix')
    const path = join(directory, 'here')
    await using _ = await startService(() => {}, path)
    expect(await failureOf(forward({ listen: { path } }))).toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringMatching(/in use$/),
      cause: { code: 'EADDRINUSE' },
    })
    const [file, link] = [join(directory, 'file'), join(directory, 'link')]
    writeFileSync(file, 'precious')
    symlinkSync(path, link)
    for (const occupied of [file, link, directory]) {
      const failed = await failureOf(forward({ listen: { path: occupied } }))
      expect(failed).toMatchObject({ message: expect.stringMatching(/no socket$/) })
    }
    expect(await failureOf(forward({ listen: { path: join(directory, 'no/such') } }))).toMatchObject({
      code: 'LISTEN_FAILED',
      cause: { code: 'ENOENT' },
    })
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
  })

  test('leaves alone what has taken its place', async () => {
    const path = join(scratchDir('unix'), 'here')
    const local = await forward({ listen: { path } })
    unlinkSync(path)
    mkdirSync(path)
    await local.close()
    expect(existsSync(path)).toBe(true)
  })
})

describe('a connection of a forward', () => {
  leakCheck()

  test('is told from its beginning to its end', async () => {
    await using local = await forward()
    const told: unknown[] = []
    local.on('connection', (connection) => told.push(connection))
    const ended = once(local, 'connectionClosed') as Promise<[EndedConnection]>
    const socket = client(local.address)
    const from = once(socket, 'connect').then(() => ({ host: '127.0.0.1', port: socket.localPort }))
    socket.end('hello')
    expect((await receive(socket)).bytes.toString()).toBe('hello')
    const [connection] = await ended
    const expected = { id: 1, from: await from, to: echo.address }
    expect(told).toEqual([expected])
    expect(connection).toEqual({
      ...expected,
      bytesSent: 5,
      bytesReceived: 5,
      durationMs: expect.any(Number),
      error: undefined,
    })
    expect(local.counts).toEqual({ open: 0, accepted: 1, refused: 0, bytesSent: 5, bytesReceived: 5 })
  })

  test('that is refused is reset, and leaves the listener alone', async () => {
    const nobody = await freePort('127.0.0.1')
    await using local = await forward({ to: { host: '127.0.0.1', port: nobody } })
    const refused = once(local, 'refused') as Promise<[RefusedConnection]>
    expect(await ask(local.address, 'hello')).toMatchObject({ error: 'ECONNRESET' })
    const [connection] = await refused
    expect(connection).toMatchObject({
      id: 1,
      to: { host: '127.0.0.1', port: nobody },
      error: { code: 'CONNECTION_REFUSED', hop: { host: chain.at(0).host } },
    })
    await using _ = await startOn(nobody)
    expect(await answers(local.address)).toBe('hello')
    expect(local.counts).toMatchObject({ open: 0, accepted: 2, refused: 1 })
  })

  test('that is reset on either side amid a transfer is closed on the other', async () => {
    await using local = await forward()
    for (const side of ['client', 'destination']) {
      const socket = client(local.address)
      const more = (): unknown => socket.writable && socket.write(Buffer.alloc(65_536), more)
      more()
      await once(socket, 'data')
      const there = echo.sockets.at(-1)
      if (there === undefined) throw new Error('the destination has no connection')
      const gone = Promise.all([once(local, 'connectionClosed'), closed(socket), closed(there)])
      const reset = side === 'client' ? socket : there
      reset.resetAndDestroy()
      await gone
      expect(local.counts.open).toBe(0)
    }
  })

  test('is given up before it is open when its client has left', async () => {
    const given: AbortSignal[] = []
    await using local = await forwardLocal(
      async (options) => {
        if (given.length === 0 && options.check !== undefined) return way.acquire(options)
        if (options.signal !== undefined) given.push(options.signal)
        await once(options.signal ?? new EventTarget(), 'abort')
        throw new Error('aborted')
      },
      { to: echo.address },
    )
    const socket = client(local.address)
    await vi.waitFor(() => expect(given).toHaveLength(1))
    socket.resetAndDestroy()
    await vi.waitFor(() => expect(local.counts).toMatchObject({ open: 0, refused: 0, accepted: 1 }))
    expect(given[0]?.aborted).toBe(true)
  })
})

describe('the end of a forward', () => {
  leakCheck()

  test('ends what is under way, tells of it, and leaves nothing, as often as one likes', async () => {
    const events: string[] = []
    const listen = (event: unknown): void => void events.push((event as ForwardEvent).state)
    subscribe('sallyport:forward', listen)
    const local = await forward({ listen: { host: '127.0.0.1', port: 0 } })
    const closing = vi.fn()
    local.on('close', closing)
    const ended = once(local, 'connectionClosed') as Promise<[EndedConnection]>
    const socket = client(local.address)
    socket.write('hello')
    await once(socket, 'data')
    const cut = receive(socket)
    await Promise.all([local.close(), local.close(), local.closed])
    await local.close()
    unsubscribe('sallyport:forward', listen)
    expect(await cut).toMatchObject({ error: 'ECONNRESET' })
    expect((await ended)[0]).toMatchObject({ error: { code: 'CLOSED' }, bytesSent: 5 })
    expect(closing).toHaveBeenCalledOnce()
    expect(await ask(local.address, '')).toMatchObject({ error: 'ECONNREFUSED' })
    expect(events).toEqual(['listening', 'closed'])
  })

  test('comes by its signal, at any moment', async () => {
    const controller = new AbortController()
    const local = await forward({ signal: controller.signal })
    const socket = client(local.address)
    socket.write('hello')
    await once(socket, 'data')
    controller.abort()
    await Promise.all([local.closed, closed(socket)])
    expect(await failureOf(forward({ signal: controller.signal }))).toMatchObject({ code: 'ABORT_ERR' })
    for (let turns = 0; turns < 8; turns++) {
      const early = new AbortController()
      const pending = forward({ signal: early.signal })
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
      early.abort()
      await pending.then(
        (late) => late.closed,
        (error) => expect(error).toMatchObject({ code: 'ABORT_ERR' }),
      )
    }
  })

  test('does not come with the loss of the connection: the next client opens it again', async () => {
    await using own = await wayThrough(chain)
    await using local = await forwardLocal(own.acquire, { to: echo.address })
    const socket = client(local.address)
    socket.write('hello')
    await once(socket, 'data')
    const ended = once(local, 'connectionClosed') as Promise<[EndedConnection]>
    chain.at(0).killSessions()
    expect(await receive(socket)).toMatchObject({ error: 'ECONNRESET' })
    expect((await ended)[0]).toMatchObject({ error: { code: 'CONNECTION_LOST' } })
    expect(await answers(local.address)).toBe('hello')
  })
})

async function startOn(port: number): Promise<AsyncDisposable> {
  const server = createServer({ allowHalfOpen: true }, (socket) => void socket.pipe(socket))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

function closed(socket: { once(name: 'close', listener: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => socket.once('close', resolve))
}
