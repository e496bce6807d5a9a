// Where each adapter opens its streams, and which options it refuses: no network, a recorder instead of a connection.

import { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import {
  httpAgent,
  httpsAgent,
  mongodbProxy,
  nodemailerGetSocket,
  undiciConnect,
  wsAgent,
} from '../../../src/adapters/index.js'
import type { Address } from '../../../src/index.js'

/** Opens nothing: each socket fails at once, and where it was to lead is kept. */
function recorder() {
  const asked: { address: Address | undefined; timeoutMs: number | undefined }[] = []
  return {
    asked,
    socket(address?: Address, { timeoutMs }: { readonly timeoutMs?: number | undefined } = {}): Socket {
      asked.push({ address, timeoutMs })
      return new Socket().destroy(new Error('recorded'))
    },
  }
}

describe('undiciConnect', () => {
  const outcome = (connect: ReturnType<typeof undiciConnect>, origin: Parameters<typeof connect>[0]) =>
    new Promise<unknown>((resolve) => connect(origin, (...[error]) => resolve(error)))

  test.each([
    [
      { protocol: 'http:', hostname: 'web', port: '' },
      { host: 'web', port: 80 },
    ],
    [
      { protocol: 'http:', hostname: '::1', port: '8080' },
      { host: '::1', port: 8080 },
    ],
    [
      { protocol: 'https:', hostname: 'web', port: '' },
      { host: 'web', port: 443 },
    ],
    [{ protocol: 'http:', hostname: 'web', port: '', socketPath: '/run/web' }, { path: '/run/web' }],
  ])('asks for %o at %o, and hands over the failure once', async (origin, address) => {
    const connection = recorder()
    const error = await outcome(undiciConnect(connection, { timeoutMs: 5 }), origin)
    expect(error).toMatchObject({ message: 'recorded' })
    expect(connection.asked).toEqual([{ address, timeoutMs: 5 }])
  })

  test.each([{ timeoutMs: -1 }, { timeoutMs: '1' }, { ca: 'at the wrong place' }, null])(
    'refuses the options %o',
    (options) => {
      expect(() => undiciConnect(recorder(), options as never)).toThrow(TypeError)
    },
  )
})

describe('httpAgent and httpsAgent', () => {
  test('keep connections alive unless they are told otherwise', () => {
    expect(httpAgent(recorder())).toMatchObject({ options: { keepAlive: true } })
    expect(httpsAgent(recorder())).toMatchObject({ options: { keepAlive: true } })
    expect(httpAgent(recorder(), { keepAlive: false })).toMatchObject({ options: { keepAlive: false } })
  })

  test.each([
    [
      { host: 'web', port: 8080 },
      { host: 'web', port: 8080 },
    ],
    [
      { host: 'web', defaultPort: 443 },
      { host: 'web', port: 443 },
    ],
    [{}, { host: 'localhost', port: 80 }],
    [{ host: 'web', socketPath: '/run/web' }, { path: '/run/web' }],
  ])('ask for %o at %o', (request, address) => {
    const connection = recorder()
    const socket = httpAgent(connection, { timeoutMs: 7 }).createConnection(request)
    socket?.on('error', () => {})
    expect(connection.asked).toEqual([{ address, timeoutMs: 7 }])
  })

  test('refuse a time that is none', () => {
    expect(() => httpAgent(recorder(), { timeoutMs: Number.NaN })).toThrow(TypeError)
    expect(() => httpsAgent(recorder(), { timeoutMs: Number.POSITIVE_INFINITY })).toThrow(TypeError)
  })
})

describe('wsAgent', () => {
  test.each([
    ['ws://web/', 'http:'],
    ['http://web/', 'http:'],
    ['ws+unix:/run/web:/path', 'http:'],
    ['wss://web/', 'https:'],
    [new URL('https://web/'), 'https:'],
  ])('for %s is one for %s, which keeps nothing', (url, protocol) => {
    expect(wsAgent(recorder(), url)).toMatchObject({ protocol, options: { keepAlive: false } })
  })

  test('refuses what is no URL', () => {
    expect(() => wsAgent(recorder(), 'web')).toThrow(TypeError)
  })
})

describe('nodemailerGetSocket', () => {
  test.each([
    [{}, { host: 'localhost', port: 587 }, 120_000],
    [{ host: 'mail', secure: true }, { host: 'mail', port: 465 }, 120_000],
    [{ host: 'mail', port: '25', connectionTimeout: 9 }, { host: 'mail', port: 25 }, 9],
  ])('asks for %o at %o, and hands over the failure', async (server, address, timeoutMs) => {
    const connection = recorder()
    const error = await new Promise((resolve) => nodemailerGetSocket(connection)(server, resolve))
    expect(error).toMatchObject({ message: 'recorded' })
    expect(connection.asked).toEqual([{ address, timeoutMs }])
  })
})

describe('mongodbProxy', () => {
  test('refuses an option that it does not know, before it asks for anything', async () => {
    const connection = { forwardDynamic: () => Promise.reject(new Error('asked')) }
    await expect(mongodbProxy(connection, { listen: { port: 1 } } as never)).rejects.toThrow(
      'there is no option "listen"',
    )
    await expect(mongodbProxy(connection)).rejects.toThrow('asked')
  })
})
