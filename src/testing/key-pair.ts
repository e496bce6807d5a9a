// Fresh ed25519 keys in the formats of OpenSSH, for hosts and users that live as long as a test.

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { fingerprintOf } from '../fingerprint.js'

/** A key that protects nothing but a test. */
export interface TestKey {
  /** In OpenSSH format, not encrypted: what an identity file has. */
  readonly privateKey: string
  /** `ssh-ed25519 AAAA… comment`: a line of authorized_keys. */
  readonly publicKey: string
  /** `SHA256:…` as ssh-keygen -l prints it. */
  readonly fingerprint: string
}

/** Makes an ed25519 key. Formats: RFC 8709 4, and OpenSSH's PROTOCOL.key. */
export function makeKey(comment: string): TestKey {
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const seed = Buffer.from(d ?? '', 'base64url')
  const point = Buffer.from(x ?? '', 'base64url')
  const blob = Buffer.concat([field('ssh-ed25519'), field(point)])
  const check = randomBytes(4)
  const secret = Buffer.concat([check, check, blob, field(Buffer.concat([seed, point])), field(comment)])
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7]).subarray(0, (8 - (secret.length % 8)) % 8)
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    uint32(1),
    field(blob),
    field(Buffer.concat([secret, padding])),
  ])
  const lines = body.toString('base64').replace(/.{70}/g, '$&\n').trimEnd()
  return {
    privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`,
    publicKey: `ssh-ed25519 ${blob.toString('base64')} ${comment}`,
    fingerprint: fingerprintOf(blob),
  }
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([uint32(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
