import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../src/errors.js'
import { checkUser, formatDestination, parseDestination } from '../../../src/route/destination.js'
import { checkRequest } from '../../../src/route/request.js'

function parsed(text: string) {
  const { user, host, port } = parseDestination(text, 'test')
  return [user, host, port]
}

describe('a destination', () => {
  test.each([
    ['host', undefined, 'host', undefined],
    ['user@host', 'user', 'host', undefined],
    ['host:2200', undefined, 'host', 2200],
    ['user@host:2200', 'user', 'host', 2200],
    ['me@corp.example@host', 'me@corp.example', 'host', undefined],
    ['[2001:db8::1]:2200', undefined, '2001:db8::1', 2200],
    ['user@[2001:db8::1]', 'user', '2001:db8::1', undefined],
    ['2001:db8::1', undefined, '2001:db8::1', undefined],
    ['fe80::1%eth0', undefined, 'fe80::1%eth0', undefined],
    ['::1', undefined, '::1', undefined],
    ['ssh://host', undefined, 'host', undefined],
    ['ssh://user@host:2200/', 'user', 'host', 2200],
    ['SSH://user;fingerprint=x@host', 'user', 'host', undefined],
    ['ssh://us%65r@[::1]:22', 'user', '::1', 22],
    ['host_with_underscore.internal', undefined, 'host_with_underscore.internal', undefined],
  ])('%s is read', (text, user, host, port) => {
    expect(parsed(text)).toEqual([user, host, port])
  })

  test.each([
    '',
    '@host',
    'user@',
    ':22',
    'host:',
    'host:0',
    'host:65536',
    'host:22x',
    'host:+22',
    'host:022222',
    '[::1',
    '[::1]x',
    '[::1]:',
    'ssh://',
    'ssh://host/path',
    'ssh://us%zzer@host',
    'ssh://us%00er@host',
    'ssh://%2doProxyCommand=x@host',
    '-oProxyCommand=touch',
    'user@-host',
    '-user@host',
    'a b',
    'a\nb',
    'a\u0000b',
    'host;id',
    'host$(id)',
    'host`id`',
    'host|id',
    'ho"st',
    "ho'st",
    'ho\\st',
    'us$er@host',
    'us;er@host',
    'user -oX@host',
    'us\\er@host',
    'us\u001ber@host',
    'us\u202eer@host',
    'host%h',
    'cafe%h',
    'h*st',
  ])('%j is refused before any work', (text) => {
    expect(() => parseDestination(text, 'test')).toThrow(ConfigError)
    expect(() => parseDestination(text, 'test')).toThrow(
      expect.objectContaining({ code: 'INVALID_DESTINATION' }),
    )
  })

  test('a refusal never repeats control characters', () => {
    try {
      parseDestination('a\u001b[1Ab', 'test')
      expect.unreachable()
    } catch (error) {
      expect(String(error)).not.toContain('\u001b')
    }
  })

  test('what is printed is read back the same', () => {
    const name = fc.stringMatching(/^[a-z0-9_][a-z0-9_.-]{0,20}$/)
    const address = fc.ipV6().filter((text) => text.includes(':'))
    const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined })
    const user = fc.option(fc.stringMatching(/^[a-z0-9_][a-z0-9_.@-]{0,20}$/), { nil: undefined })
    fc.assert(
      fc.property(fc.record({ user, host: fc.oneof(name, address), port }), (destination) => {
        expect(parseDestination(formatDestination(destination), 'test')).toEqual(destination)
      }),
    )
  })

  test('any text is read or refused, and nothing that is read could be misread by a shell', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        try {
          const { user = '', host } = parseDestination(text, 'test')
          expect(host).toMatch(/^[^-\s'"`$\\;&<>|(){}]/)
          for (const part of [user, host]) expect(part).not.toMatch(/[\u0000-\u001f\u007f'"`$\\;&<>|(){}]/)
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError)
        }
      }),
    )
  })

  test.each([
    'ssh://u:s3cret@a/path',
    'ssh://u:s3/cret@a',
    'ssh://u:s3@cret@a',
    'ssh://u:s3cret@a:70000',
    'ssh://u:s3cret@',
    'ssh://%zz;s3cret:s3cret@a',
    'ssh://;s3cret@a',
    'ssh://u:s3cret@-a',
  ])('what stands before the host of %s is never shown', (text) => {
    for (const read of [
      () => parseDestination(text, 'test'),
      () => checkRequest('t', { proxyJump: `ssh://u:s3cret@b,${text}` }),
      () => checkRequest('t', { proxyJump: `${text},,b` }),
    ]) {
      expect(read).toThrow(ConfigError)
      expect(read).not.toThrow(/s3|cret/)
    }
  })

  test('a user may have blanks inside, as some directories have them', () => {
    expect(() => checkUser('Domain User', 'test')).not.toThrow()
  })
})
