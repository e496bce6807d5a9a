import { readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SallyportError } from '../../../src/errors.js'
import {
  answering,
  directory,
  file,
  key,
  other,
  plan,
  refusal,
  useScratchDirectory,
  verdict,
} from './judging.js'
import { keyText, secondHop, warningsOf } from './sample-keys.js'

useScratchDirectory()

describe('what strictHostKeyChecking says about an unknown key', () => {
  test('yes refuses it, records nothing, and says what to do', async () => {
    const error = await refusal(key)
    expect(error.code).toBe('HOST_KEY_UNKNOWN')
    expect(error.hint).toContain(key.fingerprint)
    expect(error.known).toEqual([])
    expect(await readdir(directory)).toEqual([])
  })

  test('accept-new records it, so that another key has changed from then on', async () => {
    expect(await verdict(key, { strictHostKeyChecking: 'accept-new' }, { port: 2222 })).toBe('accepted')
    expect(await readFile(file, 'utf8')).toBe(`[db.internal]:2222 ${keyText(key)}\n`)
    expect(await verdict(other, { strictHostKeyChecking: 'accept-new' }, { port: 2222 })).toBe(
      'HOST_KEY_CHANGED',
    )
  })

  test('two hundred connections to one new host all succeed and leave one line', async () => {
    const verdicts = await Promise.all(
      Array.from({ length: 200 }, () => verdict(key, { strictHostKeyChecking: 'accept-new' })),
    )
    expect(new Set(verdicts)).toEqual(new Set(['accepted']))
    expect(await readFile(file, 'utf8')).toBe(`db.internal ${keyText(key)}\n`)
  })

  test('of two different keys at once for one new host only one is accepted', async () => {
    const settings = { strictHostKeyChecking: 'accept-new' } as const
    const [one, two] = await Promise.all([plan(settings), plan(settings)])
    const results = await Promise.allSettled([one.verify(key), two.verify(other)])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'HOST_KEY_CHANGED' },
    })
  })

  test('no accepts it with a warning, records it and allows secrets', async () => {
    const warnings = await warningsOf(async () => {
      const accepted = await plan({ strictHostKeyChecking: 'no' })
      await accepted.verify(key)
      expect(accepted.secretsAllowed).toBe(true)
    })
    expect(warnings).toMatchObject([
      { hop: { host: 'db' }, message: expect.stringContaining(key.fingerprint) },
    ])
    expect(await readFile(file, 'utf8')).toBe(`db.internal ${keyText(key)}\n`)
  })

  test('no lets a changed key through with a warning and without secrets, and never records it', async () => {
    await writeFile(file, `db.internal ${keyText(other)}\n`)
    const warnings = await warningsOf(async () => {
      const accepted = await plan({ strictHostKeyChecking: 'no' })
      expect(accepted.secretsAllowed).toBe(true)
      await accepted.verify(key)
      expect(accepted.secretsAllowed).toBe(false)
    })
    expect(warnings).toMatchObject([{ hop: { host: 'db' }, message: expect.stringContaining('has changed') }])
    expect(await readFile(file, 'utf8')).toBe(`db.internal ${keyText(other)}\n`)
  })

  test('hashKnownHosts records a hash, and the name is nowhere in the file', async () => {
    await verdict(key, { strictHostKeyChecking: 'accept-new', hashKnownHosts: true })
    expect(await readFile(file, 'utf8')).not.toContain('internal')
    expect(await verdict(key)).toBe('accepted')
  })

  test('a file that cannot be written is a warning, and the key is accepted', async () => {
    const inMissing = join(directory, 'missing', 'known_hosts')
    await symlink(join(directory, 'nowhere'), join(directory, 'dangling'))
    for (const userKnownHostsFile of [[inMissing], [join(directory, 'dangling')]]) {
      const warnings = await warningsOf(async () => {
        expect(await verdict(key, { strictHostKeyChecking: 'accept-new', userKnownHostsFile })).toBe(
          'accepted',
        )
      })
      expect(warnings).toMatchObject([{ message: expect.stringContaining('could not be recorded') }])
    }
    expect(await readdir(directory)).toEqual(['dangling'])
  })

  test.each([{ userKnownHostsFile: [] }, { userKnownHostsFile: ['none'] }])(
    'without a file to record it in, an unknown key is not let in unseen, as with ssh: %j',
    async (files) => {
      for (const strictHostKeyChecking of ['accept-new', 'no'] as const) {
        const found = await verdict(key, { strictHostKeyChecking, ...files })
        expect(found).toBe('HOST_KEY_UNKNOWN')
      }
    },
  )

  test('the null device as the file records nothing and warns of nothing', async () => {
    const settings = { strictHostKeyChecking: 'accept-new', userKnownHostsFile: ['/dev/null'] } as const
    const warnings = await warningsOf(async () => expect(await verdict(key, settings)).toBe('accepted'))
    expect(warnings).toEqual([])
  })

  test('a name that would be a pattern is accepted but not recorded', async () => {
    const warnings = await warningsOf(() =>
      verdict(key, { strictHostKeyChecking: 'accept-new', hostKeyAlias: '*,db' }),
    )
    expect(warnings).toMatchObject([{ message: expect.stringContaining('could not be recorded') }])
    expect(await readdir(directory)).toEqual([])
  })
})

describe('asking a person', () => {
  const settings = { strictHostKeyChecking: 'ask' } as const

  test('the question names the hop, the type and the fingerprint, and yes records the key', async () => {
    const { ask, asked } = answering(' YES\n')
    expect(await verdict(key, settings, { ask, hop: secondHop })).toBe('accepted')
    expect(asked).toMatchObject([{ kind: 'host-key', hop: secondHop, echo: true }])
    for (const part of ['db (hop 2 of 2)', 'edge', 'db.internal', 'ED25519', key.fingerprint, 'yes/no']) {
      expect(asked[0]?.text).toContain(part)
    }
    expect(await readFile(file, 'utf8')).toBe(`db.internal ${keyText(key)}\n`)
  })

  test('the fingerprint pasted is a yes', async () => {
    expect(await verdict(key, settings, answering(key.fingerprint))).toBe('accepted')
  })

  test.each([[['no']], [['']], [[undefined]], [['y', '1', 'ok', 'yes']], [[other.fingerprint, 'no']]])(
    'the answers %j refuse, and nothing is recorded',
    async (answers) => {
      expect(await verdict(key, settings, answering(...answers))).toBe('HOST_KEY_REFUSED')
      expect(await readdir(directory)).toEqual([])
    },
  )

  test('anything else is asked again, three times in all', async () => {
    const { ask, asked } = answering('y', 'sure', 'yes')
    expect(await verdict(key, settings, { ask })).toBe('accepted')
    expect(asked).toHaveLength(3)
  })

  test('with nobody to ask the key is unknown', async () => {
    expect((await refusal(key, settings)).hint).toContain('nobody can be asked')
    expect(await verdict(key, settings)).toBe('HOST_KEY_UNKNOWN')
  })

  test('an asker that fails refuses; its own typed error is kept', async () => {
    expect(await verdict(key, settings, { ask: () => Promise.reject(new Error('no tty')) })).toBe(
      'HOST_KEY_REFUSED',
    )
    const typed = new SallyportError('TERMINAL_NEEDED', 'there is no terminal')
    expect(await verdict(key, settings, { ask: () => Promise.reject(typed) })).toBe('TERMINAL_NEEDED')
  })

  test('a key that somebody else recorded while the person thought is not overruled', async () => {
    const ask = async (): Promise<string> => {
      await writeFile(file, `db.internal ${keyText(other)}\n`)
      return 'yes'
    }
    expect(await verdict(key, settings, { ask })).toBe('HOST_KEY_CHANGED')
  })
})
