// What may be a login of a proxy, and who knows it.

import { expect, test } from 'vitest'
import { type ProxyAuth, readProxyAuth } from '../../../../src/forward/proxy/proxy-auth.js'

test('only the right user with the right password is let in', () => {
  const login = readProxyAuth({ user: 'änn', password: 'correct: hörse' })
  const isLetIn = (user: string, password: string) => login?.(Buffer.from(user), Buffer.from(password))
  expect(isLetIn('änn', 'correct: hörse')).toBe(true)
  expect(isLetIn('änn', 'correct: horse')).toBe(false)
  expect(isLetIn('ann', 'correct: hörse')).toBe(false)
  expect(isLetIn('änn', '')).toBe(false)
  expect(isLetIn('', '')).toBe(false)
})

test('without it nobody has to log in', () => {
  expect(readProxyAuth(undefined)).toBeUndefined()
})

test.each([
  [{ user: '', password: 'secret' }],
  [{ user: 'a:b', password: 'secret' }],
  [{ user: 'a\n', password: 'secret' }],
  [{ user: 'ä'.repeat(128), password: 'secret' }],
  [{ user: 7, password: 'secret' }],
  [{ user: 'ann', password: '' }],
  [{ user: 'ann', password: 'secret\0' }],
  [{ user: 'ann', password: 'secret'.repeat(43) }],
  [{ user: 'ann' }],
])('%j cannot be sent by both protocols, and is refused without a word of it', (auth) => {
  const read = () => readProxyAuth(auth as ProxyAuth)
  expect(read).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  expect(read).not.toThrow(/secret/)
})

test.each([[null], ['ann:secret'], [{ user: 'ann', password: 'secret', realm: 'x' }]])(
  '%j is no login',
  (auth) => {
    expect(() => readProxyAuth(auth as unknown as ProxyAuth)).toThrow(TypeError)
    expect(() => readProxyAuth(auth as unknown as ProxyAuth)).not.toThrow(/secret/)
  },
)
