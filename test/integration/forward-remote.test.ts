// Remote forwards on real servers: what they listen on, what they refuse, and where connections lead.

import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Address } from '../../src/dialer.js'
import type { Forward } from '../../src/forward/forward.js'
import { forwardRemote } from '../../src/forward/forward-remote.js'
import { failureOf } from '../support/failure.js'
import { hopOf, type TestHop } from '../support/hop.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { type RawServer, startRawServer } from '../support/raw-server.js'
import { scratchDir } from '../support/run-dir.js'
import { freePort, type Sshd, startSshd } from '../support/sshd.js'
import { warningsOf } from '../support/warnings.js'

let sshd: Sshd
let open: Sshd
let strict: Sshd
let echo: RawServer
/** Listens on the loopback addresses of both families: sshd is content with one. */
const taken = { server: createServer(), port: 0 }
beforeAll(async () => {
  sshd = await startSshd({ name: 'usual' })
  open = await startSshd({ name: 'open', config: ['GatewayPorts clientspecified'] })
  strict = await startSshd({
    name: 'strict',
    config: ['AllowTcpForwarding local', 'AllowStreamLocalForwarding local'],
  })
  await once(taken.server.listen(0, '::'), 'listening')
  taken.port = (taken.server.address() as { port: number }).port
  echo = await startRawServer(({ socket }) => socket.pipe(socket))
})
afterAll(async () => {
  await Promise.all([sshd, open, strict].map((server) => server.stop()))
  taken.server.close()
  await echo[Symbol.asyncDispose]()
})

const hopTo = (server: Sshd): Promise<TestHop> => hopOf(connectionTo(server))

/** Says something to what listens there, ends, and gives the answer. */
async function say(to: Address, words: string): Promise<string> {
  const socket = connect({ ...to, allowHalfOpen: true })
  socket.end(words)
  return text(socket)
}

/** How a connection ends that nobody serves: the code of its error, or `ended`. */
async function fateOf(to: Address): Promise<string> {
  const socket = connect({ ...to })
  socket.resume()
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    socket.on('close', () => resolve('ended'))
  })
}

function portOf(address: Address): number {
  if (!('port' in address)) throw new Error('a path has no port')
  return address.port
}

describe('a remote forward', () => {
  leakCheck()

  test('leads what connects to the server to an address that is reached from here, in both directions', async () => {
    await using hop = await hopTo(sshd)
    await using forward = await forwardRemote(hop.acquire, { listen: { port: 0 }, to: echo })
    const { address } = forward
    expect(address).toEqual({ host: 'localhost', port: expect.any(Number) })
    const begun = once(forward, 'connection')
    const over = once(forward, 'connectionClosed')
    for (const host of ['127.0.0.1', '::1']) {
      expect(await say({ host, port: portOf(address) }, `by ${host}`)).toBe(`by ${host}`)
    }
    const [connection] = await begun
    expect(connection).toMatchObject({ id: 1, to: { port: echo.port }, from: { host: '127.0.0.1' } })
    expect((await over)[0]).toMatchObject({ id: 1, bytesSent: 12, bytesReceived: 12, error: undefined })
    await expect.poll(() => forward.counts.open).toBe(0)
    expect(forward.counts).toMatchObject({ accepted: 2, refused: 0, bytesSent: 18, bytesReceived: 18 })
  })

  test('frees the port when it is closed, and the connection with it', async () => {
    await using hop = await hopTo(sshd)
    const port = await freePort('127.0.0.1')
    for (let round = 0; round < 3; round++) {
      const forward = await forwardRemote(hop.acquire, { listen: { port }, to: echo })
      const client = connect({ port, host: '127.0.0.1' })
      client.on('error', () => undefined)
      await once(forward, 'connection')
      const ended = once(client, 'close')
      await Promise.all([forward.close(), forward.close(), forward.closed])
      await ended
      expect(await fateOf({ host: '127.0.0.1', port })).toBe('ECONNREFUSED')
      expect(forward.counts.open).toBe(0)
    }
    expect(sshd.sessions().length).toBeGreaterThan(0)
  })

  test('ends by its signal, before and after it listens', async () => {
    await using hop = await hopTo(sshd)
    const ending = new AbortController()
    const forward = await forwardRemote(hop.acquire, {
      listen: { port: 0 },
      to: echo,
      signal: ending.signal,
    })
    ending.abort()
    await forward.closed
    expect(await fateOf({ host: '127.0.0.1', port: portOf(forward.address) })).toBe('ECONNREFUSED')
    const late = forwardRemote(hop.acquire, { listen: { port: 0 }, to: echo, signal: ending.signal })
    expect(await failureOf(late)).toMatchObject({ code: 'ABORT_ERR' })
  })

  test('refuses a connection whose destination refuses, and lives on', async () => {
    await using hop = await hopTo(sshd)
    const port = await freePort('127.0.0.1')
    await using forward = await forwardRemote(hop.acquire, {
      listen: { port: 0 },
      to: { host: '127.0.0.1', port },
    })
    const refused = once(forward, 'refused')
    const way = { host: '127.0.0.1', port: portOf(forward.address) }
    expect(await fateOf(way)).toMatch(/^(ECONNRESET|ended)$/)
    expect((await refused)[0]).toMatchObject({
      id: 1,
      to: { host: '127.0.0.1', port },
      error: { code: 'CONNECTION_REFUSED', cause: { code: 'ECONNREFUSED' } },
    })
    const over = once(forward, 'connectionClosed')
    const server = createServer((socket) => socket.end('late, but there'))
    await once(server.listen(port, '127.0.0.1'), 'listening')
    expect(await say(way, '')).toBe('late, but there')
    expect((await over)[0]).toMatchObject({ id: 2, bytesSent: 15, bytesReceived: 0, error: undefined })
    server.close()
    expect(forward.counts).toMatchObject({ accepted: 2, refused: 1 })
  })

  test('tells of a name that there is not', async () => {
    await using hop = await hopTo(sshd)
    await using forward = await forwardRemote(hop.acquire, {
      listen: { port: 0 },
      to: { host: 'nowhere.invalid', port: 1 },
    })
    const refused = once(forward, 'refused')
    await fateOf({ host: '127.0.0.1', port: portOf(forward.address) })
    expect((await refused)[0]).toMatchObject({ error: { code: 'NAME_NOT_FOUND' } })
  })

  test('carries 50 connections side by side', async () => {
    await using hop = await hopTo(sshd)
    await using forward = await forwardRemote(hop.acquire, { listen: { port: 0 }, to: echo })
    const way = { host: '127.0.0.1', port: portOf(forward.address) }
    const words = Array.from({ length: 50 }, (_, index) => `${index} `.repeat(1 + index * 400))
    expect(await Promise.all(words.map((word) => say(way, word)))).toEqual(words)
    await expect.poll(() => forward.counts).toMatchObject({ open: 0, accepted: 50, refused: 0 })
  })
})

describe('unix sockets', () => {
  leakCheck()

  test('are listened on, and reached, as ports are, and are let go of at its end', async () => {
    const directory = scratchDir('remote')
    const path = join(directory, 'far.sock')
    const here = join(directory, 'here.sock')
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket))
    await once(server.listen(here), 'listening')
    await using hop = await hopTo(sshd)
    const forward = await forwardRemote(hop.acquire, { listen: { path }, to: { path: here } })
    expect(forward.address).toEqual({ path })
    const begun = once(forward, 'connection')
    expect(await say({ path }, 'by path')).toBe('by path')
    expect((await begun)[0]).toMatchObject({ from: undefined, to: { path: here } })
    const taken = forwardRemote(hop.acquire, { listen: { path }, to: { path: here } })
    expect(await failureOf(taken)).toMatchObject({ code: 'FORWARD_REFUSED' })
    await forward.close()
    // sshd leaves the file behind.
    expect(await fateOf({ path })).toBe('ECONNREFUSED')
    server.close()
  })
})

describe('a server that will not listen', () => {
  leakCheck()

  test.each([
    ['a port that is taken', () => sshd, () => ({ port: taken.port }), 'the port may be taken'],
    ['AllowTcpForwarding local', () => strict, () => ({ port: 0 }), 'AllowTcpForwarding no'],
    [
      'AllowStreamLocalForwarding local',
      () => strict,
      () => ({ path: join(scratchDir('refused'), 's') }),
      'AllowStreamLocalForwarding no',
    ],
    [
      'a directory that is not there',
      () => sshd,
      () => ({ path: '/nowhere/at/all' }),
      'StreamLocalBindUnlink',
    ],
  ])('refuses for %s, with a hint', async (_, server, listen, hint) => {
    await using hop = await hopTo(server())
    const failure = await failureOf(forwardRemote(hop.acquire, { listen: listen(), to: echo }))
    expect(failure).toMatchObject({ code: 'FORWARD_REFUSED', phase: 'listen' })
    expect(failure).toHaveProperty('hint', expect.stringContaining(hint))
    await using other = await hopTo(sshd)
    await using again = await forwardRemote(other.acquire, { listen: { port: 0 }, to: echo })
    expect(await say({ host: '127.0.0.1', port: portOf(again.address) }, 'others may')).toBe('others may')
  })
})

describe('a server that permits one port only', () => {
  leakCheck()

  test('listens there and nowhere else', async () => {
    const port = await freePort('127.0.0.1')
    await using choosy = await startSshd({ config: [`PermitListen ${port}`] })
    await using hop = await hopTo(choosy)
    await using forward = await forwardRemote(hop.acquire, { listen: { port }, to: echo })
    expect(await say({ host: '127.0.0.1', port }, 'permitted')).toBe('permitted')
    expect(forward.address).toEqual({ host: 'localhost', port })
    const other = forwardRemote(hop.acquire, { listen: { port: 0 }, to: echo })
    expect(await failureOf(other)).toMatchObject({ code: 'FORWARD_REFUSED' })
    await using none = await startSshd({ config: ['AllowTcpForwarding no'] })
    await using closed = await hopTo(none)
    const refused = forwardRemote(closed.acquire, { listen: { port: 0 }, to: echo })
    expect(await failureOf(refused)).toMatchObject({ code: 'FORWARD_REFUSED' })
  })
})

describe('an address that others can reach', () => {
  leakCheck()

  test.each(['*', '', '0.0.0.0', 'some.name'])('%j is refused unless it is meant', async (host) => {
    await using hop = await hopTo(open)
    const forward = forwardRemote(hop.acquire, { listen: { host, port: 0 }, to: echo })
    expect(await failureOf(forward)).toMatchObject({ code: 'INVALID_OPTION', phase: 'listen' })
  })

  test.each([
    ['GatewayPorts clientspecified', () => open, true],
    ['GatewayPorts no, of which nobody is told', () => sshd, false],
  ] as const)('is listened on as the server has it, with a warning: %s', async (_, server, isOpen) => {
    await using hop = await hopTo(server())
    const request = { listen: { host: '*', port: 0 }, to: echo, gatewayPorts: true } as const
    let forward: Forward | undefined
    const warnings = await warningsOf(async () => {
      forward = await forwardRemote(hop.acquire, request)
    })
    if (forward === undefined) throw new Error('no forward')
    expect(warnings).toEqual([expect.stringContaining('where others can connect: *:0')])
    const { port } = forward.address as { port: number }
    expect(forward.address).toEqual({ host: '*', port })
    expect(await say({ host: '127.0.0.1', port }, 'from here')).toBe('from here')
    // Another address of this machine than the loopback one that everybody uses.
    const other = { host: server().host, port }
    if (isOpen) expect(await say(other, 'from there')).toBe('from there')
    else expect(await fateOf(other)).toBe('ECONNREFUSED')
    await forward.close()
    expect(await fateOf({ host: '127.0.0.1', port })).toBe('ECONNREFUSED')
  })

  test('of one family or one interface is asked for as it is', async () => {
    await using hop = await hopTo(open)
    await using forward = await forwardRemote(hop.acquire, {
      listen: { host: '127.0.0.1', port: 0 },
      to: echo,
    })
    const port = portOf(forward.address)
    expect(await say({ host: '127.0.0.1', port }, 'exactly')).toBe('exactly')
    expect(await fateOf({ host: '::1', port })).toBe('ECONNREFUSED')
  })
})
