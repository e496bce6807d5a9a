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
    const algorithms = { names: ['ssh-ed25519'], isOrdered: true }
    expect((await plan({}, { algorithms })).algorithms).toEqual(['ssh-ed25519'])
  })

  test.each([
    [{ strictHostKeyChecking: 'accept-new' }, 'strictHostKeyChecking'],
    [{ strictHostKeyChecking: 'no' }, 'strictHostKeyChecking'],
    [{ hostKeyFingerprints: [key.fingerprint] }, 'hostKeyFingerprints'],
    [{ verifyHostKey: () => 'accept' }, 'verifyHostKey'],
  ] as const)(
    'a key that is let in by %j tells so, and that no line vouches for it',
    async (settings, by) => {
      const { type, fingerprint } = key
      expect(await (await plan(settings)).verify(key)).toEqual({ type, fingerprint, by, known: [] })
    },
  )

  test('a key that a person accepts tells so', async () => {
    const asking = await plan({ strictHostKeyChecking: 'ask' }, { ask: async () => 'yes' })
    expect(await asking.verify(key)).toMatchObject({ by: 'ask', known: [] })
  })

  test('a known key tells every line that vouches for it, and no other', async () => {
    await writeFile(
      file,
      `db.internal ${keyText(other)}\n#\ndb.internal ${keyText(key)}\n*.internal ${keyText(key)}\n`,
    )
    const { by, known } = await (await plan()).verify(key)
    expect(by).toBe('known_hosts')
    expect(known.map(({ line }) => line)).toEqual([3, 4])
    expect(known[0]).toEqual({ type: key.type, fingerprint: key.fingerprint, file, line: 3 })
  })

  test('a line without the port vouches where none has it', async () => {
    await writeFile(
      file,
      `db.internal ${keyText(key)}
`,
    )
    const { known } = await (await plan({}, { port: 2222 })).verify(key)
    expect(known).toMatchObject([{ file, line: 1 }])
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
