// Fresh ed25519 keys in the formats of OpenSSH, for hosts and users that live as long as a test.

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { fingerprintOf } from '../fingerprint.js'
import { sshString, sshUint32 } from '../wire/ssh-string.js'

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
  const blob = Buffer.concat([sshString('ssh-ed25519'), sshString(point)])
  const check = randomBytes(4)
  const secret = Buffer.concat([
    check,
    check,
    blob,
    sshString(Buffer.concat([seed, point])),
    sshString(comment),
  ])
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7]).subarray(0, (8 - (secret.length % 8)) % 8)
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    sshString('none'),
    sshString('none'),
    sshString(''),
    sshUint32(1),
    sshString(blob),
    sshString(Buffer.concat([secret, padding])),
  ])
  const lines = body.toString('base64').replace(/.{70}/g, '$&\n').trimEnd()
  return {
    privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`,
    publicKey: `ssh-ed25519 ${blob.toString('base64')} ${comment}`,
    fingerprint: fingerprintOf(blob),
  }
}
