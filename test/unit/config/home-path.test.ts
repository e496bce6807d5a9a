import { expect, test } from 'vitest'
import { expandHome, expandUserPath } from '../../../src/config/home-path.js'
import { localAccount } from '../../../src/config/ssh-config/tokens/local-account.js'

const homes = {
  home: '/home/me',
  findHomeOf: (user: string) => (user === 'other' ? '/home/other/' : undefined),
}

test.each([
  ['~', '/home/me/'],
  ['~/', '/home/me/'],
  ['~/.ssh/config', '/home/me/.ssh/config'],
  ['~///a//b', '/home/me/a//b'],
  ['~other', '/home/other/'],
  ['~other//a', '/home/other/a'],
  ['~nobody', undefined],
  ['~nobody/a', undefined],
  ['~__proto__', undefined],
  ['/a/~', '/a/~'],
  ['a~other', 'a~other'],
  ['', ''],
])('%s is %s', (path, expanded) => {
  expect(expandUserPath(path, homes)).toBe(expanded)
})

test('the home directory is the one of the environment, where it has one', () => {
  expect(expandHome('~/a', { HOME: '/elsewhere' })).toBe('/elsewhere/a')
  expect(expandHome('~/a', { HOME: '' })).toBe(expandHome('~/a', {}))
  expect(expandHome('~other/a', { HOME: '/elsewhere' })).toBe('~other/a')
})

test('the homes of others come from the user database', () => {
  const account = localAccount({ HOME: '/elsewhere' })
  expect(account.home).toBe('/elsewhere')
  expect(account.findHomeOf('root')).toMatch(/^\//)
  expect(account.findHomeOf('nobody-of-that-name')).toBeUndefined()
  expect(account.findHomeOf('')).toBeUndefined()
})
