import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { fingerprintOf } from '../../src/fingerprint.js'
import { type KeyType, keyPair } from '../support/keys.js'

it.each<KeyType>(['ed25519', 'ecdsa', 'rsa'])('of an %s key is what ssh-keygen -l prints', async (type) => {
  const { file, publicLine } = await keyPair('fingerprint', { type })
  const [, base64 = ''] = publicLine.split(' ')
  const [, printed] = execFileSync('ssh-keygen', ['-l', '-f', file], { encoding: 'utf8' }).split(' ')
  expect(printed).toMatch(/^SHA256:/)
  expect(fingerprintOf(Buffer.from(base64, 'base64'))).toBe(printed)
})
