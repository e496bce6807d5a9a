// Dynamic forwards on a real sshd: who may connect, where to, and what becomes of those who may not.

import { createHook } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { EndedConnection, Forward, RefusedConnection } from '../../src/forward/forward.js'
import { type DynamicForwardRequest, forwardDynamic } from '../../src/forward/forward-dynamic.js'
import { type WayIn, wayThrough } from '../support/acquire-through.js'
import { Chain } from '../support/chain.js'
import { leakCheck } from '../support/leak-check.js'
import { ask, client, type Reception, receive, type Service, startService } from '../support/peers.js'
import { freePort, startSshd } from '../support/sshd.js'
import { warningsOf } from '../support/warnings.js'

let chain: Chain
let way: WayIn
let echo: Service
beforeAll(async () => {
  // Its log has to name the destinations.
  chain = new Chain([await startSshd({ config: ['PermitOpen 127.0.0.1:* [::1]:* localhost:*'] })])
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

const forward = (request: DynamicForwardRequest = {}): Promise<Forward> =>
  forwardDynamic(way.acquire, request)

const bytes = (...parts: readonly (number | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))))

/** The request of SOCKS 5 for a name. */
function socks5(host: string, port = echo.address.port): Buffer {
  return bytes(5, 1, 0, 5, 1, 0, 3, host.length, host, port >> 8, port & 255)
}
const greeted = bytes(5, 0)
const granted = bytes(5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0)
const failed = (code: number): Buffer => bytes(5, 0, 5, code, 0, 1, 0, 0, 0, 0, 0, 0)

/** A client that has been told that it is connected. */
async function connected(through: Forward, host = '127.0.0.1', port = echo.address.port): Promise<Socket> {
  const socket = client(through.address)
  socket.write(socks5(host, port))
  const told: Buffer[] = []
  while (Buffer.concat(told).length < granted.length) {
    const piece: unknown = socket.read()
    if (Buffer.isBuffer(piece)) told.push(piece)
    else await once(socket, 'readable')
  }
  expect(Buffer.concat(told)).toEqual(granted)
  return socket
}

/** What the forward tells of the next connection that it turns away. */
async function nextRefused(from: Forward): Promise<RefusedConnection> {
  const [refused] = (await once(from, 'refused')) as [RefusedConnection]
  return refused
}

describe('a dynamic forward', () => {
  leakCheck()

  test('listens on a free port of the loopback addresses, and nowhere else', async () => {
    await using dynamic = await forward()
    const { address } = dynamic
    const port = 'port' in address ? address.port : 0
    expect(dynamic.kind).toBe('dynamic')
    expect(dynamic.addresses).toEqual([
      { host: '127.0.0.1', port },
      { host: '::1', port },
    ])
    for (const at of dynamic.addresses)
      expect((await ask(at, Buffer.concat([socks5('localhost'), bytes('hi')]))).bytes).toEqual(
        Buffer.concat([granted, bytes('hi')]),
      )
    expect(await ask({ host: '127.0.0.9', port }, '')).toMatchObject({ error: 'ECONNREFUSED' })
  })

  test('listens where others can connect only when that is said, and warns', async () => {
    const open = { listen: { host: '*', port: 0 } }
    await expect(forward(open)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    const warnings = await warningsOf(async () => {
      await using dynamic = await forward({ ...open, gatewayPorts: true })
      const address = { ...dynamic.address, host: '127.0.0.9' }
      expect((await ask(address as typeof dynamic.address, socks5('localhost'))).bytes).toEqual(granted)
    })
    expect(warnings.join()).toMatch(/others can connect/)
  })

  test('tells of each connection where it led, and counts its bytes without those of the proxy', async () => {
    await using dynamic = await forward()
    const opened = once(dynamic, 'connection')
    const ended = once(dynamic, 'connectionClosed') as Promise<[EndedConnection]>
    await ask(dynamic.address, Buffer.concat([socks5('localhost'), bytes('hello')]))
    const to = { host: 'localhost', port: echo.address.port }
    expect((await opened)[0]).toMatchObject({ id: 1, to, from: { host: '127.0.0.1' } })
    expect((await ended)[0]).toMatchObject({ id: 1, to, bytesSent: 5, error: undefined })
    expect(dynamic.counts).toMatchObject({ open: 0, accepted: 1, refused: 0, bytesSent: 5 })
  })

  test('has the far side look up the names, and looks up none itself', async () => {
    await using dynamic = await forward()
    const asked: string[] = []
    const hook = createHook({
      init(_id, type, _trigger, resource) {
        if (type === 'GETADDRINFOREQWRAP' || type === 'QUERYWRAP')
          asked.push((resource as { readonly hostname?: string }).hostname ?? type)
      },
    }).enable()
    try {
      expect((await ask(dynamic.address, socks5('LocalHost'))).bytes).toEqual(failed(2))
      expect((await ask(dynamic.address, socks5('localhost'))).bytes).toEqual(granted)
      const http = `CONNECT localhost:${echo.address.port} HTTP/1.1\r\n\r\n`
      expect(String((await ask(dynamic.address, http)).bytes)).toMatch(/^HTTP\/1\.1 200 /)
    } finally {
      hook.disable()
    }
    expect(asked).toEqual([])
    expect(chain.at(0).forwards().slice(-3)).toEqual(
      ['LocalHost', 'localhost', 'localhost'].map((host) => `${host}:${echo.address.port}`),
    )
  })

  test('tells the client why not, and lives on', async () => {
    await using dynamic = await forward()
    const closed = await freePort('127.0.0.1')
    for (const [host, port, code, error] of [
      ['127.0.0.1', closed, 5, 'CONNECTION_REFUSED'],
      ['10.255.255.1', 80, 2, 'FORWARD_PROHIBITED'],
    ] as const) {
      const refusing = nextRefused(dynamic)
      expect((await ask(dynamic.address, socks5(host, port))).bytes).toEqual(failed(code))
      expect(await refusing).toMatchObject({ to: { host, port }, error: { code: error } })
    }
    const answers: string[] = []
    for (const port of [closed, echo.address.port]) {
      const { bytes } = await ask(dynamic.address, `CONNECT 127.0.0.1:${port} HTTP/1.1\r\n\r\n`)
      answers.push(String(bytes).slice(9, 12))
    }
    expect(answers).toEqual(['502', '200'])
    expect(dynamic.counts).toMatchObject({ accepted: 4, refused: 3 })
  })

  test('answers a client that has sent a lot before it was asked to', async () => {
    await using dynamic = await forward({ permit: ['none'] })
    const early = Buffer.alloc(1_000_000, 'a: b\r\n')
    expect(await ask(dynamic.address, Buffer.concat([socks5('localhost'), early]))).toEqual({
      bytes: failed(2),
      error: undefined,
    })
    const endless = Buffer.concat([bytes('CONNECT localhost:1 HTTP/1.1\r\n'), early])
    expect(String((await ask(dynamic.address, endless)).bytes)).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('leads nowhere but where it permits', async () => {
    const asked: unknown[] = []
    const list = [`localhost:${echo.address.port}`]
    const permits = [
      list,
      async (to: object) => asked.push(to) > 0 && 'host' in to && to.host === 'localhost',
    ]
    for (const permit of permits) {
      await using dynamic = await forward({ permit })
      const before = chain.at(0).forwards().length
      const refusing = nextRefused(dynamic)
      expect((await ask(dynamic.address, socks5('127.0.0.1'))).bytes).toEqual(failed(2))
      expect((await refusing).error).toMatchObject({ code: 'DESTINATION_NOT_PERMITTED' })
      const http = `CONNECT 127.0.0.1:${echo.address.port} HTTP/1.1\r\n\r\n`
      expect(String((await ask(dynamic.address, http)).bytes)).toMatch(/^HTTP\/1\.1 403 /)
      expect(chain.at(0).forwards().length).toBe(before)
      expect((await ask(dynamic.address, socks5('localhost'))).bytes).toEqual(granted)
    }
    expect(asked).toHaveLength(3)
  })

  test('gives up on a destination whose client has left', async () => {
    let isAsked = () => {}
    const asking = new Promise<void>((resolve) => {
      isAsked = resolve
    })
    const permit = (): Promise<boolean> => {
      isAsked()
      return new Promise(() => {}) // a question that nobody answers
    }
    await using dynamic = await forward({ permit })
    const leaving = client(dynamic.address)
    leaving.write(socks5('localhost'))
    await asking
    leaving.resetAndDestroy()
    await vi.waitFor(() => expect(dynamic.counts).toMatchObject({ open: 0, accepted: 1 }))
  })

  test('ends clients that take too long for their request, byte by byte or not at all', async () => {
    await using dynamic = await forward({ handshakeTimeoutMs: 300 })
    const errors: unknown[] = []
    dynamic.on('refused', ({ error }) => errors.push(error))
    const slow = client(dynamic.address)
    const dawdling = setInterval(() => slow.write('A'), 50)
    const others = Array.from({ length: 20 }, () => client(dynamic.address))
    const [first, ...rest] = await Promise.all([slow, ...others].map((socket) => receive(socket)))
    clearInterval(dawdling)
    expect([first, ...rest].map((reception) => reception?.bytes.length)).toEqual(Array(21).fill(0))
    await vi.waitFor(() => expect(dynamic.counts).toMatchObject({ open: 0, refused: 21 }))
    expect(errors).toEqual(Array(21).fill(expect.objectContaining({ code: 'TIMEOUT' })))
    // The limit is for the request, and not for what comes after it.
    const patient = await connected(dynamic)
    await new Promise((resolve) => setTimeout(resolve, 400))
    patient.end('still here')
    expect(String((await receive(patient)).bytes)).toBe('still here')
  })

  test('carries a hundred connections at once, each its own bytes', async () => {
    await using dynamic = await forward()
    const receptions = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const body = Buffer.alloc(1000 * index + 1, index)
        const request =
          index % 2 === 0
            ? socks5('127.0.0.1')
            : Buffer.from(`CONNECT 127.0.0.1:${echo.address.port} HTTP/1.1\r\n\r\n`)
        const { bytes } = await ask(dynamic.address, Buffer.concat([request, body]))
        return bytes.subarray(-body.length).equals(body)
      }),
    )
    expect(receptions).toEqual(Array(100).fill(true))
    await vi.waitFor(() => expect(dynamic.counts).toMatchObject({ open: 0, accepted: 100, refused: 0 }))
  })

  test('passes on the end of either side alone, and a reset', async () => {
    await using dynamic = await forward()
    await using late = await startService((socket) => {
      socket.on('end', () => void setImmediate(() => socket.end('the last word'))).resume()
    })
    const talker = await connected(dynamic, '127.0.0.1', late.address.port)
    talker.end('over')
    expect(String((await receive(talker)).bytes)).toBe('the last word')
    const first = await connected(dynamic)
    const before = echo.sockets.length
    const cut = await connected(dynamic)
    await vi.waitFor(() => expect(echo.sockets.length).toBe(before + 1))
    const far = echo.sockets.at(-1)
    cut.resetAndDestroy()
    await vi.waitFor(() => expect(far?.closed).toBe(true))
    first.end('well')
    expect(String((await receive(first)).bytes)).toBe('well')
  })

  test('that is closed resets whoever is connected, or still asking', async () => {
    const dynamic = await forward()
    const [busy, asking] = [await connected(dynamic), client(dynamic.address)]
    asking.write(bytes(5, 1, 0))
    await once(asking, 'data')
    const receptions: Promise<Reception>[] = [receive(busy), receive(asking)]
    await dynamic.close()
    for (const reception of receptions) expect((await reception).error).toBe('ECONNRESET')
    expect(dynamic.counts.open).toBe(0)
  })

  test('lets in only those who know the password, which nobody else learns', async () => {
    const auth = { user: 'ann', password: 'hunter2hunter2' }
    const secrets = /hunter2|aHVudGVyMm|YW5uOm/
    const said: string[] = []
    const onMessage = (message: unknown): void => void said.push(inspect(message, { depth: 9 }))
    const channels = ['forward', 'channel', 'warning', 'hop'].map((name) => `sallyport:${name}`)
    for (const name of channels) subscribe(name, onMessage)
    {
      await using dynamic = await forward({ auth })
      dynamic.on('refused', (refused) => {
        onMessage(refused)
        said.push(JSON.stringify(refused.error))
      })
      const login = (password: string): Buffer =>
        Buffer.concat([
          bytes(5, 1, 2, 1, 3, 'ann', password.length, password),
          socks5('localhost').subarray(3),
        ])
      const http = (password: string): string => {
        const basic = Buffer.from(`ann:${password}`).toString('base64')
        const target = `localhost:${echo.address.port}`
        return `CONNECT ${target} HTTP/1.1\r\nProxy-Authorization: Basic ${basic}\r\n\r\n`
      }
      const answer = async (request: Buffer | string) => (await ask(dynamic.address, request)).bytes
      expect(await answer(login(auth.password))).toEqual(bytes(5, 2, 1, 0, ...granted.subarray(2)))
      expect(await answer(login('hunter2hunter3'))).toEqual(bytes(5, 2, 1, 1))
      expect(await answer(socks5('localhost'))).toEqual(bytes(5, 255))
      expect(await answer(bytes(4, 1, 0, 80, 127, 0, 0, 1, 'ann', 0))).toEqual(bytes(0, 91, 0, 0, 0, 0, 0, 0))
      expect(String(await answer(http(auth.password)))).toMatch(/^HTTP\/1\.1 200 /)
      expect(String(await answer(http('hunter2')))).toMatch(/^HTTP\/1\.1 407 /)
      said.push(inspect(dynamic, { depth: 9 }), JSON.stringify(dynamic))
    }
    for (const name of channels) unsubscribe(name, onMessage)
    expect(said.length).toBeGreaterThan(8)
    expect(said.filter((text) => secrets.test(text))).toEqual([])
  })

  test.each([
    [{ handshakeTimeoutMs: 0 }],
    [{ handshakeTimeoutMs: Number.POSITIVE_INFINITY }],
    [{ permit: 'db:80' }],
    [{ permit: ['db'] }],
    [{ auth: { user: 'ann' } }],
    [{ auth: { user: 'a:b', password: 'x' } }],
    [{ to: { host: 'db', port: 80 } }],
    [{ gatewayPorts: 'yes' }],
  ])('that is asked for with %j is refused before any work', async (request) => {
    const acquire = vi.fn()
    await expect(forwardDynamic(acquire, request as DynamicForwardRequest)).rejects.toThrow(/option/)
    expect(acquire).not.toHaveBeenCalled()
  })
})

describe('the loss of the connection', () => {
  leakCheck()

  test('ends what is under way, and the next client opens it again', async () => {
    await using own = await wayThrough(chain)
    await using dynamic = await forwardDynamic(own.acquire, {})
    const under = await connected(dynamic)
    const ended = once(dynamic, 'connectionClosed') as Promise<[EndedConnection]>
    chain.at(0).killSessions()
    expect((await receive(under)).error).toBe('ECONNRESET')
    expect((await ended)[0].error).toMatchObject({ code: 'CONNECTION_LOST' })
    expect((await ask(dynamic.address, Buffer.concat([socks5('localhost'), greeted]))).bytes).toEqual(
      Buffer.concat([granted, greeted]),
    )
    expect(dynamic.counts).toMatchObject({ accepted: 2, refused: 0 })
  })
})
