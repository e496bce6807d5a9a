// The settings that switch methods off, and those that say which keys may be used.

import { execFileSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { planAuthentication } from '../../../src/auth/plan.js'
import type { Settings } from '../../../src/config/settings.js'
import { keyPair } from '../../support/keys.js'
import { leakCheck } from '../../support/leak-check.js'
import { scratchDir } from '../../support/run-dir.js'
import { startSshAgent } from '../../support/ssh-agent.js'
import { all, type ContextOptions, essence, makeContext, person, refuseAll, refused } from './rig.js'

leakCheck()

/** What is offered to a server that refuses everything, and the error at the end. */
async function tried(options: ContextOptions) {
  const plan = planAuthentication(makeContext(options))
  const offered = (await refuseAll(plan)).map(essence)
  const error = plan.failed(refused(all))
  plan.close()
  return { offered, error }
}

describe('a method', () => {
  test.each<[Partial<Settings>, readonly string[]]>([
    [{ pubkeyAuthentication: 'no' }, ['keyboard-interactive', 'password']],
    [{ passwordAuthentication: false }, ['publickey', 'keyboard-interactive']],
    [{ kbdInteractiveAuthentication: false }, ['publickey', 'password']],
    [{ pubkeyAuthentication: 'unbound' }, ['publickey', 'keyboard-interactive', 'password']],
    [{ pubkeyAuthentication: 'host-bound' }, ['publickey', 'keyboard-interactive', 'password']],
    [{ preferredAuthentications: ['password', 'publickey'], pubkeyAuthentication: 'no' }, ['password']],
  ])('is not used where %j switches it off', async (settings, methods) => {
    const { file } = await keyPair('switches')
    const plan = planAuthentication(
      makeContext({ settings: { identityFile: [file], password: 'secret', ...settings } }),
    )
    const offered = await refuseAll(plan)
    plan.close()
    expect(offered.map(({ method }) => method)).toEqual(methods)
  })

  test('is never asked for by a person where it is switched off', async () => {
    const { ask, questions } = person('one', 'two')
    const settings = { passwordAuthentication: false, kbdInteractiveAuthentication: false }
    expect((await tried({ ask, settings })).offered).toEqual(['none'])
    expect(questions).toEqual([])
  })

  test('asks nobody where no prompts are allowed', async () => {
    const { ask, questions } = person('one')
    expect((await tried({ ask, settings: { numberOfPasswordPrompts: 0 } })).offered).toEqual(['none'])
    expect(questions).toEqual([])
  })
})

describe('a key', () => {
  test('that can sign with nothing that is accepted is passed over, of a file as of an agent', async () => {
    const [ed25519, rsa] = await Promise.all([keyPair('accepted'), keyPair('accepted', { type: 'rsa' })])
    const pubkeyAcceptedAlgorithms = ['rsa-sha2-256']
    await using agent = await startSshAgent([ed25519, rsa])
    const note = 'pubkeyAcceptedAlgorithms has nothing that it can sign with'
    for (const settings of [
      { identityFile: [ed25519.file, rsa.file], identityAgent: 'none' },
      { identityFile: [], identityAgent: agent.socket },
    ]) {
      const { offered, error } = await tried({ settings: { ...settings, pubkeyAcceptedAlgorithms } })
      expect(offered).toEqual([rsa.fingerprint])
      expect(error.tried).toContainEqual(
        expect.objectContaining({ fingerprint: ed25519.fingerprint, outcome: 'skipped', note }),
      )
    }
  })

  test('of RSA that is too short is passed over, and that is the error when there is no other', async () => {
    const rsa = await keyPair('short', { type: 'rsa' })
    const settings = { identityFile: [rsa.file] }
    expect((await tried({ settings: { ...settings, requiredRsaSize: 2048 } })).offered).toEqual([
      rsa.fingerprint,
    ])
    const { offered, error } = await tried({ settings: { ...settings, requiredRsaSize: 2049 } })
    expect(offered).toEqual(['none'])
    expect(error).toMatchObject({
      code: 'IDENTITY_UNUSABLE',
      tried: [{ note: 'an RSA key of 2048 bits, and 2049 are required' }, { method: 'none' }],
    })
  })

  test('whose public half is only seen when it is decrypted is judged then', async () => {
    const rsa = await keyPair('sealed', { type: 'rsa' })
    const file = join(scratchDir('sealed'), 'key')
    copyFileSync(rsa.file, file)
    execFileSync('ssh-keygen', ['-q', '-p', '-m', 'PEM', '-P', '', '-N', 'sesame', '-f', file])
    const settings = { identityFile: [file], passphrase: 'sesame', requiredRsaSize: 4096 }
    const { offered, error } = await tried({ settings })
    expect(offered).toEqual(['none'])
    expect(error.message).toContain('4096 are required')
  })
})

describe('a key file that does not exist', () => {
  const missing = join(scratchDir('missing'), 'id')

  test('is passed over when ssh_config names it', async () => {
    const { file, fingerprint } = await keyPair('present')
    const settings = { identityFile: [missing, file] }
    const { offered, error } = await tried({ settings, optionalFiles: new Set([missing]) })
    expect(offered).toEqual([fingerprint])
    expect(error.tried.map(({ source }) => source)).toEqual([file])
  })

  test('is no reason for the error then', async () => {
    const { error } = await tried({
      settings: { identityFile: [missing] },
      optionalFiles: new Set([missing]),
    })
    expect(error).toMatchObject({ code: 'AUTH_FAILED', tried: [{ method: 'none' }] })
  })

  test('is an error when anyone else names it, too', async () => {
    const { error } = await tried({ settings: { identityFile: [missing] } })
    expect(error).toMatchObject({ code: 'IDENTITY_UNUSABLE', tried: [{ source: missing }, {}] })
  })

  test('still finds its key in the agent by the public half beside it', async () => {
    const key = await keyPair('half')
    const file = join(scratchDir('half'), 'id')
    copyFileSync(`${key.file}.pub`, `${file}.pub`)
    await using agent = await startSshAgent([key, await keyPair('other')])
    const settings = { identityFile: [file], identityAgent: agent.socket, identitiesOnly: true }
    const { offered } = await tried({ settings, optionalFiles: new Set([file]) })
    expect(offered).toEqual([key.fingerprint])
  })
})
