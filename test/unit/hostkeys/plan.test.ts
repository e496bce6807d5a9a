import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { HostKeyOffer, Question } from '../../../src/config/callbacks.js'
import type { Settings } from '../../../src/config/settings.js'
import { HostKeyError, SallyportError } from '../../../src/errors.js'
import { hashHostName } from '../../../src/hostkeys/hashed-name.js'
import { type HostKeyContext, type HostKeyPlan, planHostKeys } from '../../../src/hostkeys/plan.js'
import type { OfferedHostKey } from '../../../src/wire/wire.js'
import { leakCheck } from '../../support/leak-check.js'
import {
  contextFor,
  ecdsaKey,
  ed25519Key,
  keyText,
  offeredKey,
  rsaKey,
  secondHop,
  warningsOf,
} from './sample-keys.js'

const key = ed25519Key()
const other = ed25519Key()
const policies = ['yes', 'ask', 'accept-new', 'no'] as const
leakCheck()

let directory: string
let file: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plan-'))
  file = join(directory, 'known_hosts')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true })
})

function plan(settings: Partial<Settings> = {}, rest: Partial<HostKeyContext> = {}): Promise<HostKeyPlan> {
  return planHostKeys(contextFor({ userKnownHostsFile: [file], ...settings }, rest))
}

async function verdict(
  offered: OfferedHostKey,
  settings: Partial<Settings> = {},
  rest: Partial<HostKeyContext> = {},
): Promise<string> {
  try {
    await (await plan(settings, rest)).verify(offered)
    return 'accepted'
  } catch (error) {
    return error instanceof SallyportError ? error.code : String(error)
  }
}

async function refusal(
  offered: OfferedHostKey,
  settings: Partial<Settings> = {},
  rest: Partial<HostKeyContext> = {},
): Promise<HostKeyError> {
  const error = await (await plan(settings, rest)).verify(offered).catch((thrown: unknown) => thrown)
  if (error instanceof HostKeyError) return error
  throw new Error('expected a refusal', { cause: error })
}

const answering = (...answers: readonly (string | undefined)[]) => {
  const asked: Question[] = []
  const ask = (question: Question): Promise<string | undefined> => {
    asked.push(question)
    return Promise.resolve(answers[asked.length - 1])
  }
  return { asked, ask }
}

describe('what known_hosts says', () => {
  test('a known key is accepted under every policy, and nothing is written', async () => {
    await writeFile(file, `db.internal ${keyText(key)}`)
    for (const strictHostKeyChecking of policies) {
      expect(await verdict(key, { strictHostKeyChecking })).toBe('accepted')
    }
    expect(await readFile(file, 'utf8')).toBe(`db.internal ${keyText(key)}`)
  })

  test('the host is lower-cased before it is looked up, hashed or not', async () => {
    await writeFile(file, `${hashHostName('db.internal')} ${keyText(key)}\nDB.* ${keyText(other)}\n`)
    expect(await verdict(key, {}, { hostName: 'DB.Internal' })).toBe('accepted')
    expect(await verdict(other, {}, { hostName: 'DB.Internal' })).toBe('accepted')
  })

  test('a changed key is refused by all policies but no, and told with its place', async () => {
    await writeFile(file, `# comment\ndb.internal ${keyText(other)}\n`)
    for (const strictHostKeyChecking of ['yes', 'ask', 'accept-new'] as const) {
      const { ask, asked } = answering('yes')
      const error = await refusal(key, { strictHostKeyChecking }, { ask })
      expect(error.code).toBe('HOST_KEY_CHANGED')
      expect(error.known).toEqual([{ type: other.type, fingerprint: other.fingerprint, file, line: 2 }])
      expect(error.offered).toEqual({ type: key.type, fingerprint: key.fingerprint })
      expect(error.message).toContain(`${file}:2`)
      expect(error.hint).toContain(`ssh-keygen -R 'db.internal' -f '${file}'`)
      expect(error.hint).not.toContain('HostKeyAlias')
      expect(asked).toEqual([])
    }
  })

  test('the command in the hint removes the key', async () => {
    await writeFile(file, `[db.internal]:2222 ${keyText(other)}\n`)
    const { hint } = await refusal(key, {}, { port: 2222 })
    execFileSync('sh', ['-c', hint?.slice(hint.indexOf('ssh-keygen')) ?? 'false'], { stdio: 'ignore' })
    expect(await verdict(key, {}, { port: 2222 })).toBe('HOST_KEY_UNKNOWN')
  })

  test('behind a gateway the error of a changed key speaks of HostKeyAlias', async () => {
    await writeFile(file, `db.internal ${keyText(other)}\n`)
    const error = await refusal(key, {}, { hop: secondHop })
    expect(error.hint).toContain('edge')
    expect(error.hint).toContain('HostKeyAlias')
    expect(error.message).toMatch(/^db \(hop 2 of 2\): /)
    expect(error.message).not.toContain('\n')
  })

  test('a key of another type for a known host has changed; it is not unknown', async () => {
    await writeFile(file, `db.internal ${keyText(rsaKey())}\n`)
    expect(await verdict(key, { strictHostKeyChecking: 'accept-new' })).toBe('HOST_KEY_CHANGED')
  })

  test('an entry without a port vouches for an equal key, and never speaks against another', async () => {
    await writeFile(file, `db.internal ${keyText(key)}\n`)
    expect(await verdict(key, {}, { port: 2222 })).toBe('accepted')
    expect(await verdict(other, {}, { port: 2222 })).toBe('HOST_KEY_UNKNOWN')
  })

  test('an entry without a port does not overrule one with the port', async () => {
    await writeFile(file, `db.internal ${keyText(key)}\n[db.internal]:2222 ${keyText(other)}\n`)
    expect(await verdict(key, {}, { port: 2222 })).toBe('HOST_KEY_CHANGED')
  })

  test('HostKeyAlias replaces host and port, also where the key is recorded', async () => {
    const settings = { hostKeyAlias: 'Inner-DB', strictHostKeyChecking: 'accept-new' } as const
    await writeFile(file, `db.internal,[db.internal]:2222 ${keyText(other)}\n`)
    expect(await verdict(key, settings, { port: 2222 })).toBe('accepted')
    expect(await readFile(file, 'utf8')).toContain(`\ninner-db ${keyText(key)}\n`)
    expect(await verdict(key, { ...settings, strictHostKeyChecking: 'yes' })).toBe('accepted')
  })

  test('two hosts of one name behind two gateways are told apart by their aliases', async () => {
    await writeFile(file, `one ${keyText(key)}\ntwo ${keyText(other)}\n`)
    const hostName = '10.0.0.5'
    expect(await verdict(key, { hostKeyAlias: 'one' }, { hostName })).toBe('accepted')
    expect(await verdict(other, { hostKeyAlias: 'two' }, { hostName })).toBe('accepted')
    expect(await verdict(other, { hostKeyAlias: 'one' }, { hostName })).toBe('HOST_KEY_CHANGED')
  })

  test('the global files count as well, and ~ is the home directory', async () => {
    vi.stubEnv('HOME', directory)
    await writeFile(join(directory, 'global'), `db.internal ${keyText(key)}\n`)
    expect(await verdict(key, { globalKnownHostsFile: ['~/global'] })).toBe('accepted')
    expect(await verdict(key, { userKnownHostsFile: ['~somebody/file'] })).toBe('INVALID_OPTION')
  })

  test('a host known by a certificate authority only is refused under every policy, and nothing recorded', async () => {
    const line = `@cert-authority *.internal ${keyText(other)}\n`
    await writeFile(file, line)
    for (const strictHostKeyChecking of policies) {
      expect(await verdict(key, { strictHostKeyChecking }, answering('yes'))).toBe('HOST_KEY_CERTIFICATE')
      expect(await verdict(other, { strictHostKeyChecking }, answering('yes'))).toBe('HOST_KEY_CERTIFICATE')
    }
    expect(await readFile(file, 'utf8')).toBe(line)
    await writeFile(file, `${line}db.internal ${keyText(key)}\n`)
    expect(await verdict(key)).toBe('accepted')
  })
})

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
    for (const userKnownHostsFile of [[inMissing], [join(directory, 'dangling')], [], ['none']]) {
      const warnings = await warningsOf(async () => {
        expect(await verdict(key, { strictHostKeyChecking: 'accept-new', userKnownHostsFile })).toBe(
          'accepted',
        )
      })
      expect(warnings).toMatchObject([{ message: expect.stringContaining('could not be recorded') }])
    }
    expect(await readdir(directory)).toEqual(['dangling'])
  })

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

describe('pinned fingerprints', () => {
  test('a pinned key is accepted whatever known_hosts says, and not recorded', async () => {
    await writeFile(file, `db.internal ${keyText(other)}\n`)
    for (const pin of [key.fingerprint, `${key.fingerprint}=`]) {
      expect(await verdict(key, { hostKeyFingerprints: [other.fingerprint, pin] })).toBe('accepted')
    }
    expect(await readFile(file, 'utf8')).toBe(`db.internal ${keyText(other)}\n`)
  })

  test('any other key is refused, also a known one, also by no, also with an empty list', async () => {
    await writeFile(file, `db.internal ${keyText(key)}\n`)
    for (const hostKeyFingerprints of [[other.fingerprint], []]) {
      expect(await verdict(key, { hostKeyFingerprints, strictHostKeyChecking: 'no' })).toBe(
        'HOST_KEY_REFUSED',
      )
    }
  })

  test('the callback does not overrule the pins', async () => {
    const settings = { hostKeyFingerprints: [other.fingerprint], verifyHostKey: (): 'accept' => 'accept' }
    expect(await verdict(key, settings)).toBe('HOST_KEY_REFUSED')
  })

  test('what is no SHA256 fingerprint is an error before any work', async () => {
    for (const pin of [
      'MD5:00:11',
      key.fingerprint.slice(7),
      'SHA256:short',
      key.fingerprint.toLowerCase(),
    ]) {
      await expect(plan({ hostKeyFingerprints: [pin] })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    }
  })
})

describe('the callback', () => {
  test('it is told what is offered and what is known', async () => {
    await writeFile(file, `db.internal ${keyText(other)}\n`)
    const offers: HostKeyOffer[] = []
    const verifyHostKey = (offer: HostKeyOffer): 'accept' => {
      offers.push(offer)
      return 'accept'
    }
    expect(await verdict(key, { verifyHostKey })).toBe('accepted')
    expect(await verdict(other, { verifyHostKey })).toBe('accepted')
    expect(await verdict(key, { verifyHostKey }, { hostName: 'web', port: 2222 })).toBe('accepted')
    const known = [{ type: other.type, fingerprint: other.fingerprint, file, line: 1 }]
    expect(offers).toMatchObject([
      { lookupName: 'db.internal', status: 'changed', known, base64: key.blob.toString('base64') },
      { lookupName: 'db.internal', status: 'known', known },
      { lookupName: '[web]:2222', status: 'unknown', known: [] },
    ])
    expect(await readFile(file, 'utf8')).toBe(`db.internal ${keyText(other)}\n`)
  })

  test('accept and record adds the key to those that are known', async () => {
    await writeFile(file, `db.internal ${keyText(other)}\n`)
    expect(await verdict(key, { verifyHostKey: () => 'accept and record' })).toBe('accepted')
    expect(await verdict(key)).toBe('accepted')
    expect(await verdict(other)).toBe('accepted')
  })

  test.each(['refuse', true, 1, 'yes', 'Accept', undefined, null, {}, Promise.resolve(true)])(
    'the value %j refuses',
    async (value) => {
      const verifyHostKey = (() => value) as unknown as NonNullable<Settings['verifyHostKey']>
      expect(await verdict(key, { verifyHostKey, strictHostKeyChecking: 'no' })).toBe('HOST_KEY_REFUSED')
    },
  )

  test('throwing and rejecting refuse, with the cause', async () => {
    const cause = new SallyportError('CANCELLED', 'nobody there')
    const throwing = (): never => {
      throw cause
    }
    for (const verifyHostKey of [throwing, () => Promise.reject(cause)]) {
      expect(await refusal(key, { verifyHostKey })).toMatchObject({ code: 'HOST_KEY_REFUSED', cause })
    }
  })

  test('one that never settles is cut short by the signal, with its reason', async () => {
    const controller = new AbortController()
    const waiting = await plan({ verifyHostKey: () => new Promise(() => {}) }, { signal: controller.signal })
    const verified = waiting.verify(key)
    const reason = new SallyportError('TIMEOUT', 'took too long', { phase: 'host-key' })
    controller.abort(reason)
    await expect(verified).rejects.toBe(reason)
    await expect(plan({}, { signal: AbortSignal.abort('stop') })).rejects.toMatchObject({
      name: 'AbortError',
      cause: 'stop',
    })
  })
})

describe('files that cannot be read', () => {
  test('missing files are fine', async () => {
    const warnings = await warningsOf(async () => expect(await verdict(key)).toBe('HOST_KEY_UNKNOWN'))
    expect(warnings).toEqual([])
  })

  test('a directory, a FIFO and a huge file are warned of, and hide no other file', async () => {
    const [folder, fifo, huge] = ['folder', 'fifo', 'huge'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ]
    await mkdir(folder)
    execFileSync('mkfifo', [fifo])
    await writeFile(huge, '')
    execFileSync('truncate', ['-s', '20M', huge])
    await writeFile(file, `db.internal ${keyText(key)}\n`)
    const globalKnownHostsFile = [folder, fifo, huge, '/dev/zero']
    const warnings = await warningsOf(async () =>
      expect(await verdict(key, { globalKnownHostsFile })).toBe('accepted'),
    )
    expect(
      warnings.map(({ message }) => globalKnownHostsFile.findIndex((name) => message.includes(name))),
    ).toEqual([0, 1, 2, 3])
  })

  test('an unreadable file makes no key acceptable that nobody looked at', async () => {
    await writeFile(file, `db.internal ${keyText(other)}\n`)
    await chmod(file, 0)
    const isRoot = process.geteuid?.() === 0
    await chmod(directory, 0o755)
    if (isRoot) process.seteuid?.(65_534)
    try {
      expect(await verdict(key, { strictHostKeyChecking: 'yes' })).toBe('HOST_KEY_UNKNOWN')
      expect(await verdict(key, { strictHostKeyChecking: 'accept-new' })).toBe('KNOWN_HOSTS_UNUSABLE')
      expect(await verdict(key, { strictHostKeyChecking: 'no' })).toBe('KNOWN_HOSTS_UNUSABLE')
      const { ask, asked } = answering('no')
      await verdict(key, { strictHostKeyChecking: 'ask' }, { ask })
      expect(asked[0]?.text).toContain(`${file} cannot be read`)
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })

  test('a broken line of this very host is warned of', async () => {
    await writeFile(file, `web nonsense\ndb.internal nonsense\ndb.internal ${keyText(key)}\n`)
    const warnings = await warningsOf(async () => expect(await verdict(key)).toBe('accepted'))
    expect(warnings).toMatchObject([{ message: expect.stringContaining(`${file}:2`) }])
  })
})

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
