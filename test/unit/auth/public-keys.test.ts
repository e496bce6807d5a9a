// Which keys are offered, from real agents and files of ssh-keygen, and what is said about the others.

import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { planAuthentication } from '../../../src/auth/plan.js'
import { assertNoCanary, canary } from '../../support/canary.js'
import { startFakeAgent } from '../../support/fake-agent.js'
import { fingerprintOf, type KeyPair, keyPair } from '../../support/keys.js'
import { leakCheck } from '../../support/leak-check.js'
import { scratchDir } from '../../support/run-dir.js'
import { startSshAgent } from '../../support/ssh-agent.js'
import {
  all,
  type ContextOptions,
  essence,
  first,
  keyOf,
  makeContext,
  person,
  refuseAll,
  refused,
} from './rig.js'

leakCheck()

const passphrase = 'open sesame'

async function offered(options: ContextOptions): Promise<readonly (string | undefined)[]> {
  const plan = planAuthentication(makeContext(options))
  const attempts = await refuseAll(plan)
  plan.close()
  return attempts.map(essence)
}

/** The private file somewhere else, with or without its .pub. */
function copyOf({ file }: KeyPair, { withPub = true, mode = 0o600 } = {}): string {
  const copy = join(scratchDir('identity'), 'key')
  copyFileSync(file, copy)
  chmodSync(copy, mode)
  if (withPub) copyFileSync(`${file}.pub`, `${copy}.pub`)
  return copy
}

function toPem(key: KeyPair, options: { readonly withPub: boolean }): string {
  const copy = copyOf(key, options)
  execFileSync('ssh-keygen', ['-q', '-p', '-m', 'PEM', '-P', '', '-N', passphrase, '-f', copy])
  return copy
}

describe('the order', () => {
  test('the agent keys that belong to a file, the other agent keys, the other files', async () => {
    const keys = await Promise.all(['a', 'b', 'c', 'd'].map((name) => keyPair(name)))
    const [a, b, c, d] = keys as [KeyPair, KeyPair, KeyPair, KeyPair]
    await using agent = await startSshAgent([a, b, c])
    const settings = { identityAgent: agent.socket, identityFile: [d.file, c.file, b.file] }
    const prints = (...order: readonly KeyPair[]): readonly string[] =>
      order.map(({ fingerprint }) => fingerprint)
    expect(await offered({ settings })).toEqual(prints(c, b, a, d))
    expect(await offered({ settings: { ...settings, identitiesOnly: true } })).toEqual(prints(c, b, d))
  })

  test('of twenty agent keys the one that the .pub names comes first', async () => {
    await using agent = await startFakeAgent({ keyCount: 20 })
    const file = join(scratchDir('identity'), 'key')
    const line = agent.publicLines[16] ?? ''
    writeFileSync(`${file}.pub`, `${line}\n`)
    const settings = { identityAgent: agent.socket, identityFile: [file] }
    expect((await offered({ settings }))[0]).toBe(fingerprintOf(line))
    expect(await offered({ settings: { ...settings, identitiesOnly: true } })).toEqual([fingerprintOf(line)])
  })

  test('a public key given as identity file chooses among the keys of the agent', async () => {
    await using agent = await startFakeAgent({ keyCount: 3 })
    const file = join(scratchDir('identity'), 'key.pub')
    const line = agent.publicLines[1] ?? ''
    writeFileSync(file, `${line} a comment\n`)
    const settings = { identityAgent: agent.socket, identityFile: [file], identitiesOnly: true }
    expect(await offered({ settings })).toEqual([fingerprintOf(line)])
  })

  test('a key is offered once, however often it is named', async () => {
    const key = await keyPair('a')
    await using agent = await startSshAgent([key])
    const identityFile = [key.file, copyOf(key), copyOf(key, { withPub: false })]
    expect(await offered({ settings: { identityAgent: agent.socket, identityFile } })).toEqual([
      key.fingerprint,
    ])
    expect(await offered({ settings: { identityFile } })).toEqual([key.fingerprint])
  })

  test('without identity files, the default names that exist', async () => {
    const keys = [await keyPair('a'), await keyPair('a', { type: 'rsa' })]
    const context = makeContext()
    const { HOME } = context.env
    for (const [index, name] of ['id_ed25519', 'id_rsa'].entries()) {
      renameSync(copyOf(keys[index] as KeyPair), join(HOME ?? '', '.ssh', name))
    }
    const plan = planAuthentication(context)
    expect((await refuseAll(plan)).map(essence)).toEqual(keys.map(({ fingerprint }) => fingerprint))
    expect(plan.failed(refused()).tried).toHaveLength(2)
    plan.close()
  })

  test('a tilde is the home directory', async () => {
    const key = await keyPair('a')
    const HOME = dirname(key.file)
    expect(await offered({ env: { HOME }, settings: { identityFile: ['~/key'] } })).toEqual([key.fingerprint])
  })

  test('nothing is read before the first question, and the agent only once', async () => {
    await using agent = await startFakeAgent()
    const key = await keyPair('a')
    const file = copyOf(key)
    const settings = { identityFile: [file], identityAgent: agent.socket }
    const plan = planAuthentication(makeContext({ settings }))
    rmSync(file)
    rmSync(`${file}.pub`)
    expect((await refuseAll(plan)).map(essence)).toEqual([fingerprintOf(agent.publicLines[0] ?? '')])
    plan.close()
  })
})

describe('an agent that fails', () => {
  test.each(['refuse', 'garbage', 'oversized'] as const)(
    '%s: the key files are offered, with a note',
    async (fault) => {
      await using agent = await startFakeAgent({ fault })
      const key = await keyPair('a')
      const settings = { identityAgent: agent.socket, identityFile: [key.file] }
      const plan = planAuthentication(makeContext({ settings }))
      expect((await refuseAll(plan)).map(essence)).toEqual([key.fingerprint])
      const { tried, code } = plan.failed(refused())
      expect(tried[0]).toMatchObject({
        outcome: 'skipped',
        source: 'agent',
        note: expect.stringMatching(/^the agent/),
      })
      expect(code).toBe('AUTH_FAILED')
      plan.close()
    },
  )

  test('one that dies while signing leads to the next key, with a note', async () => {
    await using agent = await startFakeAgent({ fault: 'die-at-sign' })
    const key = await keyPair('a')
    const settings = { identityAgent: agent.socket, identityFile: [key.file] }
    const plan = planAuthentication(makeContext({ settings }))
    const problem = await keyOf(await plan.next(first))
      .sign(Buffer.from('data'), 'ssh-ed25519')
      .catch((error: unknown) => error)
    const next = await plan.next({ allowed: undefined, last: 'failed locally', problem })
    expect(essence(next)).toBe(key.fingerprint)
    expect(plan.failed(refused()).tried[0]).toMatchObject({
      outcome: 'skipped',
      source: 'agent',
      note: 'the agent closed the connection without an answer',
    })
    plan.close()
  })

  test('one that hangs while signing lets go when the plan is closed', async () => {
    await using agent = await startFakeAgent({ fault: 'hang-at-sign' })
    const plan = planAuthentication(makeContext({ settings: { identityAgent: agent.socket } }))
    const signing = keyOf(await plan.next(first)).sign(Buffer.from('data'), 'ssh-ed25519')
    await expect.poll(() => agent.signed.length).toBe(1)
    plan.close()
    await expect(signing).rejects.toMatchObject({ code: 'CLOSED' })
    await expect.poll(() => agent.live()).toBe(0)
  })

  test('one that is not there and was not asked for does not decide about the error', async () => {
    const env = { SSH_AUTH_SOCK: join(scratchDir('agent'), 'none') }
    const plan = planAuthentication(makeContext({ env }))
    expect((await refuseAll(plan)).map(essence)).toEqual(['none'])
    expect(plan.failed(refused()).code).toBe('AUTH_FAILED')
    plan.close()
  })

  test.each(['/nowhere/socket', '$UNSET'])(
    'the missing one that was asked for as %s does',
    async (identityAgent) => {
      const plan = planAuthentication(makeContext({ settings: { identityAgent } }))
      await refuseAll(plan)
      expect(plan.failed(refused()).code).toBe('AGENT_UNUSABLE')
      plan.close()
    },
  )
})

test('certificates in the agent are passed over with a note, and its plain keys are offered', async () => {
  const [authority, key] = [await keyPair('authority'), await keyPair('certified')]
  const copy = copyOf(key)
  execFileSync('ssh-keygen', ['-q', '-s', authority.file, '-I', 'me', '-n', 'ops', `${copy}.pub`])
  await using agent = await startSshAgent()
  await agent.add('-q', copy)
  const plan = planAuthentication(makeContext({ settings: { identityAgent: agent.socket } }))
  expect((await refuseAll(plan)).map(essence)).toEqual([key.fingerprint])
  expect(plan.failed(refused()).tried).toContainEqual(
    expect.objectContaining({ source: 'agent', outcome: 'skipped', note: 'certificates are not supported' }),
  )
  plan.close()
})

describe('a key file that cannot be used is named, and the others are offered', () => {
  const cases: readonly (readonly [name: string, note: RegExp, make: () => Promise<string>])[] = [
    ['missing', /^no such file$/, async () => join(scratchDir('identity'), 'none')],
    ['a directory', /^not a file$/, async () => scratchDir('identity')],
    ['no key', /^not a private key$/, async () => writeText('hello')],
    ['of a dead type', /^keys of type ssh-dss are not supported$/, async () => makeDsa()],
    [
      'readable by others',
      /^others may read the file/,
      async () => copyOf(await keyPair('a'), { mode: 0o644 }),
    ],
    ['readable by the group', /^others may read/, async () => copyOf(await keyPair('a'), { mode: 0o640 })],
    ['a public key alone', /^a public key, and the agent/, async () => `${(await keyPair('a')).file}.pub`],
    ['too long', /^too long/, async () => writeText('x'.repeat(2_000_000))],
    ['a named pipe', /^not a file$/, async () => makePipe()],
    ['a loop of links', /^could not be read: ELOOP$/, async () => makeLoop()],
  ]

  function writeText(text: string): string {
    const file = join(scratchDir('identity'), 'key')
    writeFileSync(file, text, { mode: 0o600 })
    return file
  }
  function makeDsa(): string {
    const file = join(scratchDir('identity'), 'key')
    execFileSync('ssh-keygen', ['-q', '-t', 'dsa', '-N', '', '-f', file])
    return file
  }
  function makePipe(): string {
    const file = join(scratchDir('identity'), 'key')
    execFileSync('mkfifo', [file])
    return file
  }
  function makeLoop(): string {
    const file = join(scratchDir('identity'), 'key')
    symlinkSync(file, file)
    return file
  }

  test.each(cases)('%s', async (_name, note, make) => {
    const [file, good] = [await make(), await keyPair('good')]
    const plan = planAuthentication(makeContext({ settings: { identityFile: [file, good.file] } }))
    expect((await refuseAll(plan)).map(essence)).toEqual([good.fingerprint])
    const error = plan.failed(refused())
    expect(error.code).toBe('AUTH_FAILED')
    expect(error.tried).toContainEqual(
      expect.objectContaining({
        method: 'publickey',
        source: file,
        outcome: 'skipped',
        note: expect.stringMatching(note),
      }),
    )
    expect(error.message).toContain(file)
    plan.close()
  })

  test.each(cases)('%s: alone, it decides about the code', async (_name, _note, make) => {
    const file = await make()
    const plan = planAuthentication(makeContext({ settings: { identityFile: [file] } }))
    expect((await refuseAll(plan)).map(essence)).toEqual(['none'])
    expect(plan.failed(refused())).toMatchObject({ code: 'IDENTITY_UNUSABLE', allowed: all })
    plan.close()
  })

  test('and the hint says how to mend the permissions', async () => {
    const file = copyOf(await keyPair('a'), { mode: 0o644 })
    const plan = planAuthentication(makeContext({ settings: { identityFile: [file] } }))
    await refuseAll(plan)
    expect(plan.failed(refused()).hint).toBe(`chmod 600 ${file}`)
    plan.close()
  })
})

describe('an encrypted key', () => {
  test('is offered without its passphrase, which is asked for when the server accepts the key', async () => {
    const key = await keyPair('locked', { passphrase })
    const { ask, questions } = person('wrong', passphrase)
    const plan = planAuthentication(makeContext({ ask, settings: { identityFile: [key.file] } }))
    const offer = keyOf(await plan.next(first))
    expect(offer.fingerprint).toBe(key.fingerprint)
    expect(questions).toHaveLength(0)
    await expect(offer.sign(Buffer.from('data'), 'ssh-ed25519')).resolves.toBeInstanceOf(Buffer)
    expect(questions.map(({ text, kind, echo, hop }) => ({ text, kind, echo, host: hop.host }))).toEqual(
      Array(2).fill({
        text: `passphrase for key ${key.file}, to log in as ops@edge (hop 1 of 2): `,
        kind: 'passphrase',
        echo: false,
        host: 'edge',
      }),
    )
    plan.close()
  })

  test('is opened by the function, which is told the hop and the file', async () => {
    const key = await keyPair('locked', { passphrase })
    const told: unknown[] = []
    const settings = {
      identityFile: [key.file],
      passphrase: (request: unknown) => {
        told.push(request)
        return passphrase
      },
    }
    const plan = planAuthentication(makeContext({ settings }))
    await keyOf(await plan.next(first)).sign(Buffer.from('data'), 'ssh-ed25519')
    expect(told).toEqual([{ hop: expect.objectContaining({ host: 'edge' }), file: key.file }])
    plan.close()
  })

  test.each([
    ['no passphrase', undefined, /there is no passphrase/],
    ['a wrong one', canary(), /the passphrase is wrong/],
    [
      'a function that fails',
      () => {
        throw new Error('the vault is down')
      },
      /the passphrase function failed/,
    ],
  ])('with %s is PASSPHRASE_NEEDED, names the file and shows no secret', async (_name, given, note) => {
    const key = await keyPair('locked', { passphrase })
    const plan = planAuthentication(
      makeContext({ settings: { identityFile: [key.file], passphrase: given } }),
    )
    const problem = await keyOf(await plan.next(first))
      .sign(Buffer.from('data'), 'ssh-ed25519')
      .catch((error: unknown) => error)
    expect(await plan.next({ allowed: all, last: 'failed locally', problem })).toBeUndefined()
    const error = plan.failed({ allowed: all, last: undefined })
    expect(error.code).toBe('PASSPHRASE_NEEDED')
    expect(error.message).toContain(key.file)
    expect(error.tried[0]?.note).toMatch(note)
    assertNoCanary(error)
    assertNoCanary(JSON.stringify(error))
    plan.close()
  })

  test('in PEM with a .pub beside it is offered without its passphrase', async () => {
    const key = await keyPair('a', { type: 'rsa' })
    const file = toPem(key, { withPub: true })
    const plan = planAuthentication(makeContext({ settings: { identityFile: [file] } }))
    expect(essence(await plan.next(first))).toBe(key.fingerprint)
    plan.close()
  })

  test('in PEM without a .pub is decrypted at its turn, or passed over', async () => {
    const key = await keyPair('a', { type: 'rsa' })
    const file = toPem(key, { withPub: false })
    rmSync(`${file}.pub`, { force: true })
    expect(await offered({ settings: { identityFile: [file], passphrase } })).toEqual([key.fingerprint])
    expect(await offered({ settings: { identityFile: [file], passphrase: 'wrong' } })).toEqual(['none'])
  })

  test('whose .pub belongs to another key does not sign', async () => {
    const [key, other] = [await keyPair('a', { type: 'rsa' }), await keyPair('b', { type: 'rsa' })]
    const file = toPem(key, { withPub: true })
    copyFileSync(`${other.file}.pub`, `${file}.pub`)
    const plan = planAuthentication(makeContext({ settings: { identityFile: [file], passphrase } }))
    const signing = keyOf(await plan.next(first)).sign(Buffer.from('data'), 'rsa-sha2-256')
    await expect(signing).rejects.toMatchObject({ code: 'IDENTITY_UNUSABLE' })
    plan.close()
  })

  test('for which a person declines to type the passphrase ends the plan', async () => {
    const key = await keyPair('locked', { passphrase })
    const plan = planAuthentication(
      makeContext({ ask: person().ask, settings: { identityFile: [key.file] } }),
    )
    const problem = await keyOf(await plan.next(first))
      .sign(Buffer.from('data'), 'ssh-ed25519')
      .catch((error: unknown) => error)
    expect(problem).toMatchObject({ code: 'CANCELLED' })
    await expect(plan.next({ allowed: all, last: 'failed locally', problem })).rejects.toBe(problem)
    plan.close()
  })

  test('for which nothing is typed is left out', async () => {
    const key = await keyPair('locked', { passphrase })
    const plan = planAuthentication(
      makeContext({ ask: person('').ask, settings: { identityFile: [key.file] } }),
    )
    const signing = keyOf(await plan.next(first)).sign(Buffer.from('data'), 'ssh-ed25519')
    await expect(signing).rejects.toMatchObject({ code: 'PASSPHRASE_NEEDED' })
    plan.close()
  })
})
