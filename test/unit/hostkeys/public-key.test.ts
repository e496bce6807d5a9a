import { expect, test } from 'vitest'
import { findHostKey, findHostKeyInText, keyTypeLabel } from '../../../src/hostkeys/public-key.js'
import { ecdsaKey, ed25519Key, field, keyText, offeredKey, rsaKey } from './sample-keys.js'

test.each([ed25519Key(), rsaKey(), ecdsaKey()])(
  'a $type key is read from text and from its wire form',
  (key) => {
    expect(findHostKeyInText(`${keyText(key)} root@host`)?.blob).toEqual(key.blob)
    expect(findHostKey(key.type, key.blob)?.fingerprint).toBe(key.fingerprint)
  },
)

const modulus = Buffer.concat([Buffer.from([0, 0x9a]), Buffer.alloc(255, 7)])

test.each([
  [
    'needless zeros before a modulus',
    offeredKey('ssh-rsa', Buffer.from([3]), Buffer.concat([Buffer.alloc(1), modulus])),
  ],
  ['needless zeros before an exponent', offeredKey('ssh-rsa', Buffer.from([0, 3]), modulus)],
  ['a negative modulus', offeredKey('ssh-rsa', Buffer.from([3]), modulus.subarray(1))],
  ['a modulus of zero', offeredKey('ssh-rsa', Buffer.from([3]), Buffer.alloc(1))],
  ['no modulus', offeredKey('ssh-rsa', Buffer.from([3]))],
  ['a field too many', offeredKey('ssh-ed25519', Buffer.alloc(32), Buffer.alloc(0))],
  ['a short ed25519 key', offeredKey('ssh-ed25519', Buffer.alloc(31))],
  ['the wrong curve', offeredKey('ecdsa-sha2-nistp256', Buffer.from('nistp384'), Buffer.alloc(65, 4))],
  ['a compressed point', offeredKey('ecdsa-sha2-nistp256', Buffer.from('nistp256'), Buffer.alloc(33, 2))],
  ['no fields', offeredKey('ssh-ed25519')],
])('a key with %s is no key, so that no key has two encodings', (_, { type, blob }) => {
  expect(findHostKey(type, blob)).toBeUndefined()
})

test('a key of another type than its label is no key', () => {
  const key = ed25519Key()
  expect(findHostKey('ssh-rsa', key.blob)).toBeUndefined()
  expect(findHostKeyInText(`ssh-rsa ${key.blob.toString('base64')}`)).toBeUndefined()
})

test('bytes after the last field make it no key', () => {
  const { type, blob } = ed25519Key()
  for (const tail of [Buffer.alloc(1), Buffer.alloc(4), field('x')]) {
    expect(findHostKey(type, Buffer.concat([blob, tail]))).toBeUndefined()
  }
  expect(findHostKey(type, blob.subarray(0, -1))).toBeUndefined()
})

test('a key of a type that is not known here counts as a key of another type', () => {
  const key = offeredKey('ssh-future', Buffer.from('x'))
  expect(findHostKeyInText(keyText(key))?.type).toBe('ssh-future')
})

test.each([
  '',
  'ssh-ed25519',
  'ssh-ed25519 ',
  'ssh-ed25519 AAAA',
  'ssh-ed25519 ????',
  'ssh-ed25519 AAA',
  '# x y',
])('the text %j is no key', (text) => {
  expect(findHostKeyInText(text)).toBeUndefined()
})

test('types have names for people', () => {
  expect(['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp521', 'ssh-future'].map(keyTypeLabel)).toEqual([
    'ED25519',
    'RSA',
    'ECDSA',
    'ssh-future',
  ])
})
