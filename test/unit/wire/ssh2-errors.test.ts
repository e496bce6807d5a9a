import { describe, expect, it } from 'vitest'
import { ConnectError, type Phase, SallyportError } from '../../../src/errors.js'
import { offeredAlgorithms } from '../../../src/wire/algorithms.js'
import { streamEnded, translateClientError } from '../../../src/wire/ssh2-errors.js'

const hop = { index: 0, count: 1, user: 'ops', host: 'gw', port: 22 }
const coded = (message: string, code: unknown): Error => Object.assign(new Error(message), { code })
const translate = (error: unknown, phase: Phase = 'key-exchange'): SallyportError =>
  translateClientError(error, { hop, phase })

describe('an error of ssh2', () => {
  it.each<[string, unknown, Phase, string, string]>([
    [
      'a goodbye while connecting',
      coded('Too many authentication failures', 2),
      'authentication',
      'SERVER_REFUSED',
      'gw: disconnected by the server: Too many authentication failures',
    ],
    [
      'a goodbye later',
      coded('idle', 11),
      'session',
      'CONNECTION_LOST',
      'gw: disconnected by the server: idle',
    ],
    [
      'a stream that broke',
      coded('read ECONNRESET', 'ECONNRESET'),
      'session',
      'CONNECTION_LOST',
      'gw: the connection was lost during the session: ECONNRESET',
    ],
    [
      'a stream that ended',
      new Error('Connection lost before handshake'),
      'key-exchange',
      'CONNECTION_LOST',
      'gw: the connection was lost during the key exchange',
    ],
    [
      'nonsense from the server',
      new Error('Bad packet length'),
      'key-exchange',
      'PROTOCOL_ERROR',
      'gw: broke the protocol during the key exchange: Bad packet length',
    ],
    [
      'what is no error at all',
      'odd',
      'version',
      'PROTOCOL_ERROR',
      'gw: broke the protocol during the version exchange: odd',
    ],
  ])('%s becomes ours', (_, error, phase, code, message) => {
    const translated = translate(error, phase)
    expect(translated).toBeInstanceOf(ConnectError)
    expect(translated).toMatchObject({ code, message, hop, phase, cause: error })
  })

  it('that is ours already stays the same', () => {
    const own = new SallyportError('TIMEOUT', 'x', { hop })
    expect(translate(own)).toBe(own)
  })

  it('keeps the number of the goodbye', () => {
    expect(translate(coded('bye', 7), 'session')).toMatchObject({ reason: 7 })
    expect(translate(coded('reset', 'ECONNRESET'), 'session')).toMatchObject({ reason: undefined })
  })

  it('shows nothing of a server’s text that a terminal would obey, and all in one line', () => {
    const { message } = translate(coded('bye\r\nsallyport: \x1b[31mforged', 2))
    expect(message).toBe('gw: disconnected by the server: bye\\r\\nsallyport: \\x1b[31mforged')
  })

  it.each([
    ['key exchange algorithm', 'kex', 'k'],
    ['host key format', 'hostKey', 'h'],
    ['C->S cipher', 'cipher', 'c'],
    ['S->C MAC', 'mac', 'm'],
  ] as const)('about no matching %s shows both lists', (what, list, theirs) => {
    const offered = offeredAlgorithms({
      kex: ['our-k'],
      hostKey: ['our-h'],
      cipher: ['our-c'],
      mac: ['our-m'],
    })
    const server = { kex: ['k'], hostKey: ['h'], cipher: ['c'], mac: ['m'], strictKex: true }
    const error = new Error(`Handshake failed: no matching ${what}`)
    const context = { hop, phase: 'key-exchange', offered } as const
    expect(translateClientError(error, { ...context, server })).toMatchObject({
      code: 'NO_COMMON_ALGORITHM',
      message: `gw: no common ${what}: we offer ${offered[list][0]}; the server offers ${theirs}`,
    })
    expect(translateClientError(error, { ...context, server: undefined }).message).toBe(
      `gw: no common ${what}`,
    )
  })
})

it('an error about no matching compression shows no lists of something else', () => {
  const server = { kex: ['k'], hostKey: ['h'], cipher: ['c'], mac: ['m'], strictKex: true }
  const context = { hop, phase: 'key-exchange', offered: offeredAlgorithms({}), server } as const
  const error = new Error('Handshake failed: no matching C->S compression')
  expect(translateClientError(error, context).message).toBe('gw: no common C->S compression')
})

describe('a stream that ended without an error', () => {
  it('is a connection that was lost in its phase', () => {
    expect(streamEnded({ hop, phase: 'authentication' })).toMatchObject({
      code: 'CONNECTION_LOST',
      phase: 'authentication',
      message: 'gw: the connection was closed by the other side during the authentication',
    })
  })
})
