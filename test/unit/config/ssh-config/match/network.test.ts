import { expect, test } from 'vitest'
import { localAddresses } from '../../../../../src/config/ssh-config/match/local-addresses.js'
import { findNetworkProblem, matchesNetwork } from '../../../../../src/config/ssh-config/match/network.js'

test.each([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  ['10.1.2.3', '192.168.0.0/16,10.1.2.0/24', true],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.3', '10.1.2.4', false],
  ['10.1.2.3', '0.0.0.0/0', true],
  ['10.1.2.3', '::/0', false],
  ['10.0.5.6', '10.0/16', true],
  ['8.1.2.3', '010.0.0.0/8', true],
  ['2001:db8::1', '2001:db8::/32', true],
  ['2001:DB8::1', '2001:db8:0:0:0:0:0:1', true],
  ['2001:db9::1', '2001:db8::/32', false],
  ['::1', '::1/128', true],
  ['::1', '::/0', true],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.0/104', true],
  ['10.0.0.1', '::ffff:10.0.0.0/104', false],
  ['no address', '0.0.0.0/0', false],
])('the address %s and the networks %s: %s', (address, list, matches) => {
  expect(findNetworkProblem(list)).toBeUndefined()
  expect(matchesNetwork([address], list)).toBe(matches)
})

test.each([
  ['', /empty/],
  ['10.0.0.0/8,', /empty/],
  ['10.0.0.1/8', /bits after its mask/],
  ['2001:db8::1/32', /bits after its mask/],
  ['10.0.0.0/33', /mask/],
  ['2001:db8::/129', /mask/],
  ['10.0.0.0/', /mask/],
  ['10.0.0.0/a', /mask/],
  ['!10.0.0.0/8', /no network/],
  ['10.*', /no network/],
  ['bad', /no network/],
  ['1.2.3.4.5', /no network/],
  ['256.0.0.0', /no network/],
  ['09.0.0.0', /no network/],
  ['1::2::3', /no network/],
  ['1:2:3:4:5:6:7', /no network/],
  ['1:2:3:4:5:6:7:8::', /no network/],
  [':::', /no network/],
  [':1', /no network/],
  ['1.2.3.4::', /no network/],
])('the list %j is refused, and matches nothing', (list, why) => {
  expect(findNetworkProblem(list)).toMatch(why)
  expect(matchesNetwork(['10.0.0.1', '::1', '1.2.3.4'], list)).toBe(false)
})

test('the loopback is among the addresses of this machine', () => {
  expect(matchesNetwork(localAddresses(), '127.0.0.0/8')).toBe(true)
})

test('an address that is valid on one link only is none of them', () => {
  expect(matchesNetwork(localAddresses(), 'fe80::/10')).toBe(false)
})

test('one address of several is enough', () => {
  expect(matchesNetwork(['192.0.2.1', '10.0.0.1', '::1'], '10.0.0.0/8')).toBe(true)
  expect(matchesNetwork([], '0.0.0.0/0')).toBe(false)
})
