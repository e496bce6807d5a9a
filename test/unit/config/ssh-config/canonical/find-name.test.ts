import { expect, test } from 'vitest'
import { findName } from '../../../../../src/config/ssh-config/canonical/find-name.js'

test('a name that the system knows is found without its dot, and an address is its own name', async () => {
  expect(await findName('localhost', { followsAliases: false, family: 0 })).toBe('localhost')
  expect(await findName('127.0.0.1', { followsAliases: false, family: 4 })).toBe('127.0.0.1')
})

test('what is no name is not found', async () => {
  expect(await findName('a..b', { followsAliases: true, family: 0 })).toBeUndefined()
  expect(await findName('x'.repeat(300), { followsAliases: false, family: 0 })).toBeUndefined()
})
