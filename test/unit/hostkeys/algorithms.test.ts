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

test('a list that was given is left as it is', () => {
  expect(findHostKeyAlgorithms(['ssh-ed25519', 'ssh-rsa'], ['ssh-rsa'])).toEqual(['ssh-ed25519', 'ssh-rsa'])
})
