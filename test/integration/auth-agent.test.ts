// Logging in with an agent: one with too many keys, and ones that fail in every way that an agent can.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthError, ConnectionOptions } from '../../src/index.js'
import { startChain } from '../support/chain.js'
import { failureOf } from '../support/failure.js'
import { type AgentFault, type FakeAgent, startFakeAgent } from '../support/fake-agent.js'
import { fingerprintOf, keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { scratchDir } from '../support/run-dir.js'
import { startSshAgent } from '../support/ssh-agent.js'
import { type Sshd, startSshd } from '../support/sshd.js'

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd({ config: ['MaxAuthTries 3'] })
})
afterAll(() => sshd.stop())

/** The path of a file with that public key and nothing else. */
function publicKeyFile(line: string): string {
  const file = join(scratchDir('public'), 'id.pub')
  writeFileSync(file, `${line}\n`)
  return file
}

describe('a real agent', () => {
  leakCheck()

  test.each(['ed25519', 'rsa', 'ecdsa'] as const)('logs in with its %s key', async (type) => {
    const key = await keyPair('held', { type })
    await using server = await startSshd({ userKey: key })
    await using agent = await startSshAgent([key])
    await using connection = connectionTo(server, { identityFile: [], identityAgent: agent.socket })
    expect(await connection.run('echo in')).toMatchObject({ stdout: 'in\n' })
  })

  test('that holds no key is passed over for a key file', async () => {
    const key = await keyPair('held')
    await using agent = await startSshAgent([key])
    await agent.add('-D', '-q')
    await using connection = connectionTo(sshd, { identityAgent: agent.socket })
    expect(await connection.run('echo in')).toMatchObject({ stdout: 'in\n' })
  })
})

describe('an agent with twenty keys, and a server that hears three', () => {
  leakCheck()

  async function withTwenty(
    index: number,
    use: (given: { agent: FakeAgent; server: Sshd; line: string }) => Promise<void>,
  ): Promise<void> {
    await using agent = await startFakeAgent({ keyCount: 20 })
    const line = agent.publicLines[index] ?? ''
    await using server = await startSshd({ config: ['MaxAuthTries 3'], authorizedKeys: [line] })
    await use({ agent, server, line })
  }

  test('the one that identityFile names is offered first', () =>
    withTwenty(17, async ({ agent, server, line }) => {
      await using connection = connectionTo(server, {
        identityFile: [publicKeyFile(line)],
        identityAgent: agent.socket,
      })
      expect(await connection.run('echo in')).toMatchObject({ stdout: 'in\n' })
      expect(agent.signed).toEqual([line])
    }))

  test('the error lists those that were offered before the server hung up, and tells the way out', () =>
    withTwenty(17, async ({ agent, server }) => {
      await using connection = connectionTo(server, { identityFile: [], identityAgent: agent.socket })
      const error = (await failureOf(connection.open())) as AuthError
      expect(error).toMatchObject({
        name: 'AuthError',
        code: 'AUTH_FAILED',
        phase: 'authentication',
        hop: { host: server.host },
        message: expect.stringContaining('too many authentication failures'),
        hint: expect.stringContaining('identitiesOnly'),
        cause: { reason: 2 },
      })
      const offered = agent.publicLines.slice(0, 3).map(fingerprintOf)
      expect(error.tried.map(({ fingerprint }) => fingerprint)).toEqual(offered)
      expect(agent.signed).toEqual([])
      expect(agent.live()).toBe(0)
    }))

  test('with identitiesOnly none but those that identityFile names is offered', () =>
    withTwenty(17, async ({ agent, server }) => {
      await using connection = connectionTo(server, {
        identityFile: [publicKeyFile(agent.publicLines[4] ?? '')],
        identitiesOnly: true,
        identityAgent: agent.socket,
      })
      const error = (await failureOf(connection.open())) as AuthError
      expect(error.tried).toMatchObject([
        { fingerprint: fingerprintOf(agent.publicLines[4] ?? ''), outcome: 'refused', source: 'agent' },
      ])
    }))
})

describe('an agent that fails', () => {
  leakCheck()

  /** The agent's only key may log in, too, so that it is really asked to sign. */
  async function withFault(
    fault: AgentFault,
    use: (server: Sshd, agent: FakeAgent) => Promise<void>,
  ): Promise<void> {
    await using agent = await startFakeAgent({ fault })
    await using server = await startSshd({ authorizedKeys: agent.publicLines })
    await use(server, agent)
    await expect.poll(() => agent.live()).toBe(0)
  }

  test.each<AgentFault>(['hang', 'garbage', 'oversized', 'refuse', 'die-at-sign', 'refuse-at-sign'])(
    'by %s is passed over for a key file',
    (fault) =>
      withFault(fault, async (server, agent) => {
        await using connection = connectionTo(server, { identityAgent: agent.socket })
        const begun = performance.now()
        expect(await connection.run('echo in')).toMatchObject({ stdout: 'in\n' })
        expect(performance.now() - begun).toBeLessThan(9000)
        expect(agent.signed).toHaveLength(fault.endsWith('at-sign') ? 1 : 0)
      }),
  )

  test.each<AgentFault>(['garbage', 'oversized', 'refuse', 'die-at-sign', 'refuse-at-sign'])(
    'by %s is the error when there is nothing else',
    (fault) =>
      withFault(fault, async (server, agent) => {
        await using connection = connectionTo(server, { identityFile: [], identityAgent: agent.socket })
        expect(await failureOf(connection.open())).toMatchObject({
          name: 'AuthError',
          code: 'AGENT_UNUSABLE',
          phase: 'authentication',
          hop: { host: server.host },
          tried: expect.arrayContaining([
            expect.objectContaining({ outcome: 'skipped', note: expect.stringContaining('the agent ') }),
          ]),
        })
      }),
  )

  test('that asks its owner over a signature may take longer than the authentication, and can be left', () =>
    withFault('hang-at-sign', async (server, agent) => {
      await using connection = connectionTo(server, { identityAgent: agent.socket, authTimeoutMs: 400 })
      const begun = performance.now()
      expect(await failureOf(connection.open({ timeoutMs: 1500 }))).toMatchObject({
        code: 'TIMEOUT',
        phase: 'authentication',
        hop: { host: server.host },
      })
      expect(performance.now() - begun).toBeGreaterThanOrEqual(1500)
      expect(agent.signed).toHaveLength(1)
      await expect.poll(() => agent.live()).toBe(0)
    }))

  test.each<[string, ConnectionOptions]>([
    ['that is not there', { identityAgent: '/nonexistent/agent' }],
    ['whose variable is not set', { identityAgent: '$NO_SUCH_AGENT_VARIABLE' }],
  ])('%s is passed over for a key file, and else is the error', async (_name, options) => {
    await using connection = connectionTo(sshd, options)
    expect(await connection.run('echo in')).toMatchObject({ stdout: 'in\n' })
    await using without = connectionTo(sshd, { ...options, identityFile: [] })
    expect(await failureOf(without.open())).toMatchObject({
      code: 'AGENT_UNUSABLE',
      tried: [{ method: 'publickey', outcome: 'skipped', source: 'agent' }, { method: 'none' }],
    })
  })

  test('at the second hop is passed over there, and the hop is named', async () => {
    await using chain = await startChain(2)
    await using agent = await startFakeAgent({ fault: 'garbage' })
    await using gateway = connectionTo(chain.at(0))
    await using target = connectionTo(chain.at(1), {
      gateway,
      identityFile: [],
      identityAgent: agent.socket,
    })
    expect(await failureOf(target.open())).toMatchObject({
      code: 'AGENT_UNUSABLE',
      hop: { index: 1, via: chain.at(0).host },
    })
    expect(gateway.state).toBe('open')
  })
})
