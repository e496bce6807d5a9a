// What the keys leave to others: a try for the methods after them, and the time of the authentication to people.

import { chmodSync, copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { planAuthentication } from '../../../src/auth/plan.js'
import { startFakeAgent } from '../../support/fake-agent.js'
import { fingerprintOf, keyPair } from '../../support/keys.js'
import { leakCheck } from '../../support/leak-check.js'
import { scratchDir } from '../../support/run-dir.js'
import { all, type ContextOptions, essence, first, keyOf, makeContext, refuseAll, refused } from './rig.js'

leakCheck()

describe('a server that counts tries', () => {
  test.each<[string, ContextOptions]>([
    ['password', { settings: { password: 'secret' } }],
    ['function', { settings: { keyboardInteractive: () => [] } }],
    ['person', { ask: async () => undefined }],
  ])(
    'of twenty agent keys five are offered when a %s is there to be tried after them',
    async (_, options) => {
      await using agent = await startFakeAgent({ keyCount: 20 })
      const plan = planAuthentication(
        makeContext({ ...options, settings: { ...options.settings, identityAgent: agent.socket } }),
      )
      const prints = agent.publicLines.map(fingerprintOf)
      expect([essence(await plan.next(first))]).toEqual(prints.slice(0, 1))
      for (const print of prints.slice(1, 5)) expect(essence(await plan.next(refused()))).toBe(print)
      expect((await plan.next(refused()).catch(() => undefined))?.method).not.toBe('publickey')
      const skipped = plan.failed(refused()).tried.filter(({ outcome }) => outcome === 'skipped')
      expect(skipped.map(({ fingerprint }) => fingerprint)).toEqual(prints.slice(5))
      expect(skipped[0]).toMatchObject({ source: 'agent', note: expect.stringContaining('too many keys') })
      plan.close()
    },
  )

  test('of twenty agent keys all are offered when nothing could be tried after them', async () => {
    await using agent = await startFakeAgent({ keyCount: 20 })
    const prints = agent.publicLines.map(fingerprintOf)
    const settings = { identityAgent: agent.socket, password: 'secret' }
    const keysOf = async (plan: ReturnType<typeof planAuthentication>, allowed = all) => {
      const offers = (await refuseAll(plan, allowed)).filter(({ method }) => method === 'publickey')
      plan.close()
      return offers.map(essence)
    }
    expect(
      await keysOf(planAuthentication(makeContext({ settings: { identityAgent: agent.socket } }))),
    ).toEqual(prints)
    expect(await keysOf(planAuthentication(makeContext({ settings })), ['publickey'])).toEqual(prints)
    expect(await keysOf(planAuthentication(makeContext({ settings, secretsAllowed: () => false })))).toEqual(
      prints,
    )
    const preferredAuthentications = ['password', 'publickey']
    expect(
      await keysOf(planAuthentication(makeContext({ settings: { ...settings, preferredAuthentications } }))),
    ).toEqual(prints)
  })

  test('the keys of files are tries as well, and are all offered', async () => {
    await using agent = await startFakeAgent({ keyCount: 20 })
    const prints = agent.publicLines.map(fingerprintOf)
    const files = [16, 3, 12, 9, 5, 1].map((index) => {
      const file = join(scratchDir('identity'), 'key.pub')
      writeFileSync(file, `${agent.publicLines[index]}\n`)
      return file
    })
    const offers = async (count: number): Promise<readonly (string | undefined)[]> => {
      const identityFile = files.slice(0, count)
      const plan = planAuthentication(
        makeContext({ settings: { identityAgent: agent.socket, password: 'secret', identityFile } }),
      )
      const offers = (await refuseAll(plan)).map(essence)
      plan.close()
      return offers
    }
    const rest = ['keyboard-interactive', 'password secret']
    expect(await offers(2)).toEqual([...[16, 3, 0, 1, 2].map((index) => prints[index]), ...rest])
    expect(await offers(6)).toEqual([...[16, 3, 12, 9, 5, 1].map((index) => prints[index]), ...rest])
  })
})

const passphrase = 'open sesame'

test('the clock stands still while a passphrase function runs, and while the agent signs', async () => {
  const log: string[] = []
  const pausedDuring = async <T>(work: () => Promise<T>): Promise<T> => {
    log.push('stops')
    return work().finally(() => log.push('runs'))
  }
  await using agent = await startFakeAgent()
  const key = join(scratchDir('identity'), 'key')
  copyFileSync((await keyPair('locked', { passphrase })).file, key)
  chmodSync(key, 0o600)
  const settings = {
    identityAgent: agent.socket,
    identityFile: [key],
    passphrase: () => {
      log.push('passphrase')
      return passphrase
    },
  }
  const plan = planAuthentication(makeContext({ settings, pausedDuring }))
  await keyOf(await plan.next(first)).sign(Buffer.from('data'), 'ssh-ed25519')
  expect(log.splice(0)).toEqual(['stops', 'runs'])
  expect(agent.signed).toHaveLength(1)
  await keyOf(await plan.next(refused())).sign(Buffer.from('data'), 'ssh-ed25519')
  expect(log).toEqual(['stops', 'passphrase', 'runs'])
  plan.close()
})
