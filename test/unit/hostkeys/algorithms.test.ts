import { expect, test } from 'vitest'
import { findHostKeyAlgorithms } from '../../../src/hostkeys/algorithms.js'

test('the algorithms of known keys come first, an RSA key with both that are not SHA-1', () => {
  expect(findHostKeyAlgorithms(undefined, ['ssh-rsa'])).toEqual([
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
  ])
  expect(findHostKeyAlgorithms(undefined, ['ecdsa-sha2-nistp384'])?.[0]).toBe('ecdsa-sha2-nistp384')
})

test('an unknown host is asked for in the order of the engine', () => {
  expect(findHostKeyAlgorithms(undefined, [])).toBeUndefined()
})

test('a list in its wanted order is left as it is', () => {
  const given = { names: ['ssh-ed25519', 'ssh-rsa'], isOrdered: true }
  expect(findHostKeyAlgorithms(given, ['ssh-rsa'])).toEqual(['ssh-ed25519', 'ssh-rsa'])
})

test('any other list has the algorithms of known keys first, and nothing that it had not', () => {
  const given = { names: ['ssh-ed25519', 'rsa-sha2-256', 'ssh-rsa'], isOrdered: false }
  expect(findHostKeyAlgorithms(given, ['ssh-rsa'])).toEqual(['rsa-sha2-256', 'ssh-rsa', 'ssh-ed25519'])
  expect(findHostKeyAlgorithms(given, [])).toEqual(given.names)
})
