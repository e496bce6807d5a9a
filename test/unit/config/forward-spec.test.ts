import { describe, expect, test } from 'vitest'
import { type ForwardKind, parseForward } from '../../../src/config/forward-spec.js'
import { settingsTable } from '../../../src/config/settings.js'

describe('a forward in the words of a command line', () => {
  test.each<readonly [ForwardKind, string, unknown]>([
    ['local', '8080:db:5432', { listen: { port: 8080 }, to: { host: 'db', port: 5432 } }],
    [
      'local',
      '[::1]:80:[2001:db8::1]:81',
      { listen: { host: '::1', port: 80 }, to: { host: '2001:db8::1', port: 81 } },
    ],
    ['local', '*:80:db:81', { listen: { host: '*', port: 80 }, to: { host: 'db', port: 81 } }],
    ['local', ':80:db:81', { listen: { host: '', port: 80 }, to: { host: 'db', port: 81 } }],
    ['local', '80:/run/db.sock', { listen: { port: 80 }, to: { path: '/run/db.sock' } }],
    ['local', '/run/a:/run/b', { listen: { path: '/run/a' }, to: { path: '/run/b' } }],
    ['local', '/run/a:db:81', { listen: { path: '/run/a' }, to: { host: 'db', port: 81 } }],
    ['local', '/run/a\\:b:db:81', { listen: { path: '/run/a:b' }, to: { host: 'db', port: 81 } }],
    ['remote', '0:localhost:3000', { listen: { port: 0 }, to: { host: 'localhost', port: 3000 } }],
    ['remote', '1080', { listen: { port: 1080 }, to: undefined }],
    ['remote', '[::1]:1080', { listen: { host: '::1', port: 1080 }, to: undefined }],
    ['remote', 'localhost:1080', { listen: { host: 'localhost', port: 1080 }, to: undefined }],
    ['dynamic', '1080', { listen: { port: 1080 }, to: undefined }],
    ['dynamic', '127.0.0.1:1080', { listen: { host: '127.0.0.1', port: 1080 }, to: undefined }],
  ])('%s %s is read as ssh reads it', (kind, text, expected) => {
    expect(parseForward(text, kind, '-L')).toEqual(expected)
  })

  test.each<readonly [ForwardKind, string]>([
    ['local', ''],
    ['local', '8080'],
    ['local', 'db:5432'],
    ['local', '0:db:5432'],
    ['local', '8080:db:99999'],
    ['local', '8080:[db:5432'],
    ['local', '1:2:3:4:5'],
    ['remote', 'x:y:z'],
    ['dynamic', '0'],
    ['dynamic', 'a:b:c'],
  ])('%s %j is refused, and the message names the flag', (kind, text) => {
    expect(() => parseForward(text, kind, '-L')).toThrow(/^-L: /)
  })
})

test('destinations that may be asked for are those of ssh, and any and none stand alone', () => {
  const { kind } = settingsTable.permitRemoteOpen
  expect(kind.check(['db:5432', '*:80', '[::1]:*'], 'x')).toEqual(['db:5432', '*:80', '[::1]:*'])
  expect(() => kind.check(['any', 'db:1'], 'x')).toThrow(/stand alone/)
  expect(() => kind.check(['db'], 'x')).toThrow(/^x: /)
})
