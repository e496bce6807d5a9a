import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Settings } from '../../../src/config/settings.js'
import {
  answering,
  directory,
  file,
  key,
  other,
  plan,
  policies,
  refusal,
  useScratchDirectory,
  verdict,
} from './judging.js'
import { keyText, offeredKey } from './sample-keys.js'

useScratchDirectory()

describe('revoked keys', () => {
  test('a revoked key is refused whatever else accepts it', async () => {
    await writeFile(file, `db.internal ${keyText(key)}\n@revoked * ${keyText(key)}\n`)
    const asked = answering('yes')
    const accepting: readonly Partial<Settings>[] = [
      ...policies.map((strictHostKeyChecking) => ({ strictHostKeyChecking })),
      { hostKeyFingerprints: [key.fingerprint] },
      { verifyHostKey: () => 'accept' },
    ]
    for (const settings of accepting) {
      const error = await refusal(key, settings, asked)
      expect(error.code).toBe('HOST_KEY_REVOKED')
      expect(error.known).toEqual([{ type: key.type, fingerprint: key.fingerprint, file, line: 2 }])
    }
    expect(asked.asked).toEqual([])
  })

  test('a revocation without a port holds for every port', async () => {
    await writeFile(file, `@revoked db.internal ${keyText(key)}\n`)
    expect(await verdict(key, { strictHostKeyChecking: 'no' }, { port: 2222 })).toBe('HOST_KEY_REVOKED')
  })

  test('a revoked key of another host, or another key, does no harm', async () => {
    await writeFile(
      file,
      `@revoked web ${keyText(key)}\n@revoked * ${keyText(other)}\ndb.internal ${keyText(key)}\n`,
    )
    expect(await verdict(key)).toBe('accepted')
  })

  test('a revoked key does not come back in a second encoding', async () => {
    const e = Buffer.from([1, 0, 1])
    const n = Buffer.concat([Buffer.from([0, 0xc0]), Buffer.alloc(255, 9)])
    await writeFile(file, `@revoked * ${keyText(offeredKey('ssh-rsa', e, n))}\n`)
    const disguised = offeredKey('ssh-rsa', e, Buffer.concat([Buffer.alloc(1), n]))
    expect(await verdict(disguised, { strictHostKeyChecking: 'no' })).toBe('HOST_KEY_REFUSED')
  })

  test('the keys of revokedHostKeys are refused for all hosts', async () => {
    const revokedHostKeys = join(directory, 'revoked')
    await writeFile(file, `db.internal ${keyText(key)}\n`)
    await writeFile(revokedHostKeys, `# gone\r\n\r\n${keyText(other)}\r\n${keyText(key)} laptop\r\n`)
    const error = await refusal(key, { revokedHostKeys, strictHostKeyChecking: 'no' })
    expect(error.code).toBe('HOST_KEY_REVOKED')
    expect(error.known[0]).toMatchObject({ file: revokedHostKeys, line: 4 })
  })

  test('a binary revocation list is refused before anything is opened', async () => {
    const revokedHostKeys = join(directory, 'krl')
    await writeFile(join(directory, 'key.pub'), `${keyText(key)}\n`)
    execFileSync('ssh-keygen', ['-kf', revokedHostKeys, join(directory, 'key.pub')], { stdio: 'ignore' })
    await expect(plan({ revokedHostKeys })).rejects.toMatchObject({ code: 'UNSUPPORTED_OPTION' })
  })

  test('a file of revoked keys that is missing, a directory or malformed refuses all hosts', async () => {
    await writeFile(join(directory, 'malformed'), `${keyText(key)}\nssh-ed25519 AAAA\n`)
    for (const name of ['missing', '.', 'malformed']) {
      await expect(plan({ revokedHostKeys: join(directory, name) }), name).rejects.toMatchObject({
        code: 'KNOWN_HOSTS_UNUSABLE',
      })
    }
    await expect(plan({ revokedHostKeys: 'none' })).resolves.toBeDefined()
    await expect(plan({ revokedHostKeys: '/dev/null' })).resolves.toBeDefined()
  })
})
