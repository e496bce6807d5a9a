import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { AbortError, ConnectError, SallyportError } from '../../../src/errors.js'
import { connectFirst } from '../../../src/transport/connect-first.js'
import { findAddresses } from '../../../src/transport/find-addresses.js'
import { openTcp } from '../../../src/transport/tcp.js'
import { leakCheck } from '../../support/leak-check.js'
import { startRawServer } from '../../support/raw-server.js'
import { freePort, randomLoopback } from '../../support/sshd.js'
import { type DeafServer, startDeafServer } from './deaf-server.js'
import { hop, rejection } from './hop.js'

leakCheck()

let deaf: DeafServer | undefined
afterEach(async () => {
  await deaf?.[Symbol.asyncDispose]()
  deaf = undefined
})

const never = new AbortController().signal
const request = (target: { host: string; port: number }, signal = never) =>
  ({ ...target, addressFamily: 'any', hop, signal }) as const

const socketsTo = (port: number): string =>
  execFileSync('ss', ['-tanoH', 'dst', `:${port}`], { encoding: 'utf8' })

describe('openTcp', () => {
  it('leads to the server and says to which address', async () => {
    await using server = await startRawServer((peer) => peer.socket.pipe(peer.socket))
    const link = await openTcp(request({ host: server.host, port: server.port }))
    link.stream.write('ping')
    expect(String((await once(link.stream, 'data'))[0])).toBe('ping')
    expect(link.description).toBe(`${server.host}:${server.port}`)
    await link.close()
  })

  it('tells the addresses that it found, and how long that took', async () => {
    await using server = await startRawServer('')
    const told: unknown[] = []
    const onAddresses = (...found: readonly unknown[]): unknown => told.push(found)
    await (await openTcp({ ...request(server), onAddresses })).close()
    expect(told).toEqual([[[server.host], expect.any(Number)]])
  })

  it('sends small packets at once and notices a peer that vanished', async () => {
    await using server = await startRawServer('')
    const link = await openTcp(request(server))
    expect(socketsTo(server.port)).toMatch(/ESTAB.*timer:\(keepalive/)
    const noDelay = Object.getOwnPropertySymbols(link.stream).find((s) => s.description === 'kSetNoDelay')
    expect(Reflect.get(link.stream, noDelay ?? '')).toBe(true)
    await link.close()
  })

  it('has nothing left when close resolves, and closes twice', async () => {
    await using server = await startRawServer('')
    const link = await openTcp(request(server))
    await Promise.all([link.close(), link.close()])
    await link.close()
    expect(link.stream.closed).toBe(true)
  })

  it('keeps the process alive only while it is referenced', async () => {
    await using server = await startRawServer('')
    const link = await openTcp(request(server))
    const count = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    const before = count()
    link.unref()
    expect(count()).toBe(before - 1)
    link.ref()
    expect(count()).toBe(before)
    await link.close()
  })

  it('names the hop, the address and the errno of a refusal', async () => {
    const host = randomLoopback()
    const port = await freePort(host)
    const error = await rejection(openTcp(request({ host, port })))
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).toMatchObject({
      code: 'CONNECTION_REFUSED',
      hop,
      phase: 'dial',
      message: `inner (hop 2 of 2): could not connect: ${host}:${port} ECONNREFUSED`,
      cause: { code: 'ECONNREFUSED' },
    })
  })

  it('names the host that does not resolve', async () => {
    const host = `${'a'.repeat(64)}.invalid`
    const error = await rejection(openTcp(request({ host, port: 22 })))
    expect(error).toMatchObject({ code: 'NAME_NOT_FOUND', hop, phase: 'dial', cause: { code: 'ENOTFOUND' } })
    expect((error as Error).message).toContain(host)
  })

  it('does not use an address of another family than asked for', async () => {
    const error = await rejection(
      openTcp({ ...request({ host: '127.0.0.1', port: 22 }), addressFamily: 'inet6' }),
    )
    expect(error).toMatchObject({ code: 'NAME_NOT_FOUND' })
  })

  it('calls a network that cannot be reached a failed connection', async () => {
    const error = await rejection(openTcp(request({ host: '255.255.255.255', port: 22 })))
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', phase: 'dial' })
    expect((error as Error).message).toMatch(/255\.255\.255\.255:22 E[A-Z]+$/)
  })

  it('does nothing when it is aborted before', async () => {
    const reason = new Error('no more')
    const error = await rejection(openTcp(request({ host: 'localhost', port: 1 }, AbortSignal.abort(reason))))
    expect(error).toBeInstanceOf(AbortError)
    expect(error).toMatchObject({ hop, phase: 'dial', cause: reason })
  })

  it('leaves no SYN behind when it is aborted, and rejects at once', async () => {
    deaf = await startDeafServer(randomLoopback())
    const { port } = deaf
    const abort = new AbortController()
    const opened = rejection(openTcp(request(deaf, abort.signal)))
    await expect.poll(() => socketsTo(port)).toMatch(/SYN-SENT/)
    const begun = performance.now()
    abort.abort()
    expect(await opened).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' })
    expect(performance.now() - begun).toBeLessThan(100)
    await expect.poll(() => socketsTo(port)).not.toMatch(/SYN-SENT/)
  })

  it('rejects with the reason of the abort when that is an error of ours', async () => {
    deaf = await startDeafServer(randomLoopback())
    const abort = new AbortController()
    const opened = rejection(openTcp(request(deaf, abort.signal)))
    const reason = new SallyportError('TIMEOUT', 'too slow', { hop })
    abort.abort(reason)
    expect(await opened).toBe(reason)
  })

  it('does not wait for a look-up when it is aborted', async () => {
    const abort = new AbortController()
    const opened = rejection(openTcp(request({ host: 'localhost', port: 1 }, abort.signal)))
    abort.abort()
    expect(await opened).toMatchObject({ code: 'ABORT_ERR' })
  })
})

describe('the end on this side', () => {
  const ends = { bindAddress: undefined, bindInterface: undefined }
  const peerOf = async (from: Partial<typeof ends> | Record<string, string>): Promise<string> => {
    let seen: string | undefined
    await using server = await startRawServer((peer) => {
      seen = peer.socket.remoteAddress
      peer.send('hello')
    })
    const link = await openTcp({ ...request(server), from: { ...ends, ...from } })
    await once(link.stream, 'data')
    await link.close()
    return seen ?? ''
  }

  it('is the address that was asked for', async () => {
    const address = randomLoopback()
    expect(await peerOf({ bindAddress: address })).toBe(address)
  })

  it('may be a name', async () => {
    expect(await peerOf({ bindAddress: 'localhost' })).toBe('127.0.0.1')
  })

  it('is that of the interface, unless there is an address', async () => {
    expect(await peerOf({ bindInterface: 'lo' })).toBe('127.0.0.1')
    expect(await peerOf({ bindInterface: 'lo', bindAddress: '127.8.8.8' })).toBe('127.8.8.8')
  })

  it.each([
    [{ bindInterface: 'none-such0' }, /the interface none-such0 has none of the right family$/],
    [{ bindInterface: '__proto__' }, /the interface __proto__ has none/],
    [{ bindAddress: '::1' }, /::1 has none of the right family$/],
    [{ bindAddress: '192.0.2.77' }, /could not connect: from 192\.0\.2\.77 EADDRNOTAVAIL$/],
    [{ bindAddress: `${'a'.repeat(64)}.invalid` }, /could not look up a+\.invalid to connect from: E/],
  ])('is never another one: %j', async (from, message) => {
    const error = await rejection(
      openTcp({ ...request({ host: '127.0.0.1', port: 1 }), from: { ...ends, ...from } }),
    )
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', phase: 'dial' })
    expect((error as Error).message).toMatch(message)
  })
})

describe('the attempts', () => {
  it('go on, a second apart, until somebody listens', async () => {
    const host = randomLoopback()
    const port = await freePort(host)
    const begun = performance.now()
    const opening = openTcp({ ...request({ host, port }), attempts: 3 })
    const server = createServer((socket) => socket.destroy())
    setTimeout(() => server.listen(port, host), 100)
    const link = await opening
    expect(performance.now() - begun).toBeGreaterThan(990)
    await link.close()
    await new Promise((resolve) => server.close(resolve))
  })

  it('are counted by a clock, and the seconds between them are not', async () => {
    const host = randomLoopback()
    const port = await freePort(host)
    let paused = 0
    const pausedDuring = async <T>(work: () => Promise<T>): Promise<T> => {
      const begun = performance.now()
      return work().finally(() => {
        paused += performance.now() - begun
      })
    }
    await rejection(openTcp({ ...request({ host, port }), attempts: 2, pausedDuring }))
    expect(paused).toBeGreaterThan(990)
  })

  it('are as many as asked for, and their last failure is told', async () => {
    const host = randomLoopback()
    const port = await freePort(host)
    const begun = performance.now()
    const error = await rejection(openTcp({ ...request({ host, port }), attempts: 2 }))
    expect(error).toMatchObject({ code: 'CONNECTION_REFUSED' })
    expect(performance.now() - begun).toBeGreaterThan(990)
    expect(performance.now() - begun).toBeLessThan(1900)
  })

  it('end when they are aborted in between', async () => {
    const host = randomLoopback()
    const port = await freePort(host)
    const abort = new AbortController()
    const opened = rejection(openTcp({ ...request({ host, port }, abort.signal), attempts: 1000 }))
    setTimeout(() => abort.abort(), 100)
    expect(await opened).toMatchObject({ code: 'ABORT_ERR' })
  })
})

it('a connection is not probed where that is switched off', async () => {
  await using server = await startRawServer('')
  const link = await openTcp({ ...request(server), keepAlive: false })
  expect(socketsTo(server.port)).toMatch(/ESTAB/)
  expect(socketsTo(server.port)).not.toMatch(/timer:\(keepalive/)
  await link.close()
})

describe('connectFirst', () => {
  const listen = async (host: string, port: number) => {
    const server = createServer((socket) => socket.destroy()).listen(port, host)
    await once(server, 'listening')
    return server
  }

  it('does not wait for a dead address when another is alive', async () => {
    deaf = await startDeafServer(randomLoopback())
    const alive = randomLoopback()
    const server = await listen(alive, deaf.port)
    const begun = performance.now()
    const addresses = [deaf.host, alive]
    const socket: Socket = await connectFirst({ addresses, port: deaf.port, signal: never, keepAlive: true })
    expect(performance.now() - begun).toBeLessThan(1000)
    expect(socket.remoteAddress).toBe(alive)
    socket.destroy()
    server.close()
  })

  it('does not take a slow address for a dead one', async () => {
    deaf = await startDeafServer(randomLoopback())
    const slow = deaf
    const refusing = randomLoopback()
    setTimeout(() => slow.hear(), 400)
    const addresses = [slow.host, refusing]
    const socket = await connectFirst({ addresses, port: slow.port, signal: never, keepAlive: true })
    expect(socket.remoteAddress).toBe(slow.host)
    socket.destroy()
  })

  it('goes on at once after a refusal, and names every address when all have failed', async () => {
    const host = randomLoopback()
    const port = await freePort(host)
    const addresses = [host, randomLoopback(), '::1']
    const begun = performance.now()
    const error = await rejection(connectFirst({ addresses, port, signal: never, keepAlive: true }))
    expect(performance.now() - begun).toBeLessThan(200)
    expect(error).toBeInstanceOf(AggregateError)
    expect((error as AggregateError).errors.map((one: { address: string }) => one.address)).toEqual(addresses)
  })
})

describe('findAddresses', () => {
  it('gives a numeric address back without asking anybody', async () => {
    const found = await findAddresses({
      host: '2001:db8::1',
      addressFamily: 'any',
      signal: never,
    })
    expect(found).toEqual(['2001:db8::1'])
  })

  it('asks the system, so that /etc/hosts counts', async () => {
    const found = await findAddresses({
      host: 'localhost',
      addressFamily: 'inet',
      signal: never,
    })
    expect(found).toEqual(['127.0.0.1'])
  })
})
