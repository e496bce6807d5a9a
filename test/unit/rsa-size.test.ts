import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { findRsaBits, findRsaShortcoming } from '../../src/rsa-size.js'

function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function rsaBlob(bits: number): Buffer {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
  const [modulus, exponent] = [Buffer.from(n, 'base64url'), Buffer.from(e, 'base64url')]
  return Buffer.concat([
    field(Buffer.from('ssh-rsa')),
    field(exponent),
    field(Buffer.concat([Buffer.of(0), modulus])),
  ])
}

test.each([1024, 1030, 2048])('an RSA key of %i bits has that many', (bits) => {
  expect(findRsaBits(rsaBlob(bits))).toBe(bits)
})

test('other keys have none, and neither has what is no key', () => {
  for (const blob of [
    Buffer.concat([field(Buffer.from('ssh-ed25519')), field(Buffer.alloc(32))]),
    Buffer.concat([field(Buffer.from('ssh-rsa')), field(Buffer.of(3))]),
    Buffer.of(0, 0, 0, 9, 1),
    Buffer.alloc(0),
  ]) {
    expect(findRsaBits(blob)).toBeUndefined()
    expect(findRsaShortcoming(blob, 4096)).toBeUndefined()
  }
})

test('a key falls short below what is required, and below 1024 bits whatever is', () => {
  const key = rsaBlob(1024)
  expect(findRsaShortcoming(key, 1024)).toBeUndefined()
  expect(findRsaShortcoming(key, 0)).toBeUndefined()
  expect(findRsaShortcoming(key, 1025)).toBe('an RSA key of 1024 bits, and 1025 are required')
  expect(findRsaShortcoming(rsaBlob(1000), 0)).toBe('an RSA key of 1000 bits, and 1024 are required')
})
