// noHostAuthenticationForLocalhost, and the least size of RSA keys.

import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { Settings } from '../../../src/config/settings.js'
import { file, key, other, plan, refusal, useScratchDirectory, verdict } from './judging.js'
import { keyText, rsaKey } from './sample-keys.js'

useScratchDirectory()

const at = (address: string | undefined) => ({ remoteAddress: () => address })
const exempt: Partial<Settings> = { noHostAuthenticationForLocalhost: true }

describe('the exemption of localhost', () => {
  test.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])(
    'lets in any key at %s',
    async (address) => {
      await writeFile(file, `db.internal ${keyText(other)}\n`)
      const accepted = await (await plan(exempt, at(address))).verify(key)
      expect(accepted).toMatchObject({ by: 'noHostAuthenticationForLocalhost', known: [] })
    },
  )

  test.each(['192.0.2.1', '::2', '1127.0.0.1', '2127::1', undefined])(
    'does not concern %s',
    async (address) => {
      expect(await verdict(key, exempt, at(address))).toBe('HOST_KEY_UNKNOWN')
    },
  )

  test('is off by default, and off where the host has an alias', async () => {
    expect(await verdict(key, {}, at('127.0.0.1'))).toBe('HOST_KEY_UNKNOWN')
    expect(await verdict(key, { ...exempt, hostKeyAlias: 'db' }, at('127.0.0.1'))).toBe('HOST_KEY_UNKNOWN')
  })

  test('records nothing', async () => {
    await verdict(key, { ...exempt, strictHostKeyChecking: 'accept-new' }, at('127.0.0.1'))
    expect(await verdict(key)).toBe('HOST_KEY_UNKNOWN')
  })

  test('lets no revoked key in, and none beside the pinned ones', async () => {
    await writeFile(file, `@revoked * ${keyText(key)}\n`)
    expect(await verdict(key, exempt, at('127.0.0.1'))).toBe('HOST_KEY_REVOKED')
    const pinned = { ...exempt, hostKeyFingerprints: [key.fingerprint] }
    expect(await verdict(other, pinned, at('127.0.0.1'))).toBe('HOST_KEY_REFUSED')
  })
})

test('an RSA key that is too short is refused, even one that is known', async () => {
  const rsa = rsaKey()
  await writeFile(file, `db.internal ${keyText(rsa)}\n`)
  expect(await verdict(rsa, { requiredRsaSize: 1024 })).toBe('accepted')
  const error = await refusal(rsa, { requiredRsaSize: 16_384 })
  expect(error).toMatchObject({ code: 'HOST_KEY_REFUSED' })
  expect(error.message).toMatch(/an RSA key of \d+ bits, and 16384 are required/)
})
