import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { proxyRoute } from '../../../src/route/gateway.js'
import { firstOf } from '../../../src/ways/first-of.js'
import { httpConnect } from '../../../src/ways/http-connect.js'
import { socks5 } from '../../../src/ways/socks5.js'
import { assertNoCanary, canary } from '../../support/canary.js'

describe('the address of a proxy', () => {
  test.each([
    [socks5('socks5://h'), 'socks5', 'h', 1080, undefined],
    [socks5('SOCKS5H://H.example:9050/'), 'socks5', 'H.example', 9050, undefined],
    [socks5('socks5://[::1]'), 'socks5', '::1', 1080, undefined],
    [socks5('socks5://a%40b:c%3Ad@h:1'), 'socks5', 'h', 1, { user: 'a@b', password: 'c:d' }],
    [socks5('socks5://u@h', { password: 'p' }), 'socks5', 'h', 1080, { user: 'u', password: 'p' }],
    [
      socks5('socks5://h', { user: 'a:b', password: 'p' }),
      'socks5',
      'h',
      1080,
      { user: 'a:b', password: 'p' },
    ],
    [socks5('socks5://u:@h'), 'socks5', 'h', 1080, { user: 'u', password: '' }],
    [httpConnect('http://h'), 'http', 'h', 1080, undefined],
    [httpConnect('http://h:80'), 'http', 'h', 80, undefined],
    [httpConnect('https://h', { user: 'u', password: 'p' }), 'https', 'h', 443, { user: 'u', password: 'p' }],
  ])('%s is read', (proxy, protocol, host, port, credentials) => {
    const [spec] = proxy[proxyRoute].proxies
    expect([spec?.protocol, spec?.host, spec?.port, spec?.credentials]).toEqual([
      protocol,
      host,
      port,
      credentials,
    ])
  })

  test.each([
    '',
    'h',
    'http://h',
    'socks4://h',
    'socks5://',
    'socks5://h:0',
    'socks5://h:65536',
    'socks5://h:x',
    'socks5://h/path',
    'socks5://h?x',
    'socks5://a@b@h',
    'socks5://[h]',
    'socks5://::1',
    'socks5://-oProxyCommand=x',
    'socks5://a b',
    'socks5://h\r\nX: y',
    'socks5://u:%zz@h',
    undefined,
    7,
  ])('%j is refused', (url) => {
    expect(() => socks5(url as string)).toThrow(
      expect.objectContaining({ name: 'ConfigError', code: 'INVALID_DESTINATION' }),
    )
  })

  test('and what is refused of it does not show what else is in it', () => {
    const secret = canary()
    for (const rest of ['h:x', 'h/path', '-h', '', 'h h', '@h']) {
      try {
        socks5(`socks5://mole:${secret}@${rest}`)
        expect.unreachable()
      } catch (error) {
        assertNoCanary(error)
      }
    }
  })

  test.each([
    [() => socks5('socks5://u:p@h', { user: 'u' }), /the user is both/],
    [() => socks5('socks5://u:p@h', { password: 'p' }), /the password is both/],
    [() => socks5('socks5://h', { password: 'p' }), /a password and no user/],
    [() => socks5('socks5://u@h'), /no password/],
    [() => httpConnect('http://h', { user: 'a:b', password: 'p' }), /a character that it cannot have/],
    [() => httpConnect('http://h', { tls: {} }), /begins with https/],
    [() => socks5('socks5://h', { gateway: 'x' as never }), /must be a Connection or another proxy/],
    [() => socks5('socks5://h', { port: 1 } as never), /no option "port"/],
    [
      () => httpConnect('https://h', { tls: { rejectUnauthorized: false } as never }),
      /no option "rejectUnauthorized"/,
    ],
    [() => firstOf([]), /not empty/],
    [() => firstOf(['h'] as never), /each gateway must be/],
    [() => firstOf([false], { try: 'all' as never }), /in order, or raced/],
    [() => firstOf([false], { limitMs: -1 }), /milliseconds/],
  ])('and options that contradict it are refused (case %#)', (make, message) => {
    expect(make).toThrow(message)
  })

  test('is all that is printed of it', () => {
    const secret = canary()
    const proxy = socks5('socks5://h', { user: secret, password: secret })
    const shown = [
      inspect(proxy, { showHidden: true, depth: 9 }),
      JSON.stringify(proxy),
      inspect(proxy[proxyRoute], { showHidden: true }),
    ]
    for (const text of shown) assertNoCanary(text)
    expect(JSON.stringify(proxy)).toBe('"socks5://h:1080"')
  })
})
