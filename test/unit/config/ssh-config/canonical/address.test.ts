import { expect, test } from 'vitest'
import { findAddress, looksLikeAddress } from '../../../../../src/config/ssh-config/canonical/address.js'

test.each([
  ['127.1', '127.0.0.1'],
  ['0x7f.1', '127.0.0.1'],
  ['010.1', '8.0.0.1'],
  ['1.2.3', '1.2.0.3'],
  ['4294967295', '255.255.255.255'],
  ['0:0::1', '::1'],
  ['FE80::00A', 'fe80::a'],
  ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
  ['fe80::1%lo', 'fe80::1%lo'],
])('%s is the address %s', (name, address) => {
  expect(findAddress(name)).toBe(address)
})

test.each([
  '1.2.3.4.',
  '256.1.1.1',
  '4294967296',
  '0x',
  'a.b',
  'db',
  '',
  '1..2',
  '１.2.3.4',
  '[::1]',
  '1.2.3.4%lo',
])('%j is no address', (name) => {
  expect(findAddress(name)).toBeUndefined()
})

test('a name of digits and dots, or with a colon or a percent sign, is never a host name', () => {
  const names = ['1.2.3.4.', '256.1.1.1', 'a%b', 'x:y', 'db', '1a']
  expect(names.filter(looksLikeAddress)).toEqual(['1.2.3.4.', '256.1.1.1', 'a%b', 'x:y'])
})
