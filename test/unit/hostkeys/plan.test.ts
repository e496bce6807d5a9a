import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { file, key, other, plan, refusal, useScratchDirectory, verdict } from './judging.js'
import { ecdsaKey, keyText, offeredKey, rsaKey } from './sample-keys.js'

useScratchDirectory()

describe('the plan', () => {
  test('the types of known keys are offered first, those of the same port before those without', async () => {
    await writeFile(file, `db.internal ${keyText(rsaKey())}\n[db.internal]:2222 ${keyText(ecdsaKey())}\n`)
    expect((await plan()).algorithms?.[0]).toBe('rsa-sha2-512')
    expect((await plan({}, { port: 2222 })).algorithms?.[0]).toBe('ecdsa-sha2-nistp256')
    expect((await plan({}, { port: 2223 })).algorithms?.[0]).toBe('rsa-sha2-512')
    expect((await plan({}, { hostName: 'web' })).algorithms).toBeUndefined()
    expect((await plan({ hostKeyAlgorithms: ['ssh-ed25519'] })).algorithms).toEqual(['ssh-ed25519'])
  })

  test('a rekey with the same key asks nobody again; with another key it is refused', async () => {
    let calls = 0
    const verifyHostKey = (): 'accept' => {
      calls += 1
      return 'accept'
    }
    const accepting = await plan({ verifyHostKey })
    await accepting.verify(key)
    await accepting.verify({ ...key, blob: Buffer.from(key.blob) })
    expect(calls).toBe(1)
    await expect(accepting.verify(other)).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED' })
  })

  test('a rekey is compared with the first key even where the engine uses its memory again', async () => {
    const accepting = await plan({ strictHostKeyChecking: 'no', userKnownHostsFile: ['/dev/null'] })
    const blob = Buffer.from(key.blob)
    await accepting.verify({ ...key, blob })
    other.blob.copy(blob)
    await expect(accepting.verify({ ...other, blob })).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED' })
  })

  test('a key that was refused once stays refused', async () => {
    const refusing = await plan()
    await expect(refusing.verify(key)).rejects.toMatchObject({ code: 'HOST_KEY_UNKNOWN' })
    await writeFile(file, `db.internal ${keyText(key)}\n`)
    await expect(refusing.verify(key)).rejects.toMatchObject({ code: 'HOST_KEY_UNKNOWN' })
  })

  test('a key of an unsupported type or with a false label is refused, even by no', async () => {
    const certificate = offeredKey('ssh-ed25519-cert-v01@openssh.com', Buffer.alloc(32))
    for (const offered of [certificate, { ...key, type: 'ssh-rsa' }, { ...key, blob: Buffer.alloc(0) }]) {
      expect(await verdict(offered, { strictHostKeyChecking: 'no' })).toBe('HOST_KEY_REFUSED')
    }
  })

  test('errors show no escapes of the file names and aliases they tell about', async () => {
    const hostKeyAlias = 'a\u001b[2Jb'
    const error = await refusal(key, { hostKeyAlias })
    expect(error.message).toContain('a\\x1b[2jb')
    expect(`${error.message}${error.hint}`).not.toContain('\u001b')
  })
})
