// Agent forwarding: off, unless a hop asks for it, and then for this hop alone. Channels that a server opens unasked.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Connection, type ConnectionOptions, sh } from '../../src/index.js'
import { createNetwork, type Network } from '../../src/testing/index.js'
import { type Chain, startChain } from '../support/chain.js'
import { failureOf } from '../support/failure.js'
import { startFakeAgent } from '../support/fake-agent.js'
import { type KeyPair, keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionsThrough, connectionTo, knownHostsFile } from '../support/link-up.js'
import { type SshAgent, startSshAgent } from '../support/ssh-agent.js'
import { startSshd } from '../support/sshd.js'
import { tempHome } from '../support/temp-home.js'

let chain: Chain
let agent: SshAgent
let key: KeyPair
beforeAll(async () => {
  chain = await startChain(2)
  key = await keyPair('lent')
  agent = await startSshAgent([key])
})
afterAll(async () => {
  await chain[Symbol.asyncDispose]()
  await agent[Symbol.asyncDispose]()
})

const patient = { timeout: 10_000 }
const list = 'echo "sock=$SSH_AUTH_SOCK"; ssh-add -l 2>&1; true'

/** Uses the last of two connections in a row, with the agent in this process's environment. */
async function withTarget(
  options: ConnectionOptions,
  use: (target: Connection, gateway: Connection) => Promise<void>,
): Promise<void> {
  using _home = tempHome({ agent: agent.socket })
  const connections = connectionsThrough(chain, { identityAgent: undefined, ...options })
  const [gateway, target] = connections
  if (gateway === undefined || target === undefined) throw new Error('the chain is too short')
  try {
    await use(target, gateway)
  } finally {
    await closeAll(connections)
  }
}

describe('the local agent', () => {
  leakCheck()

  test('is out of reach of every hop by default', () =>
    withTarget({}, async (target, gateway) => {
      for (const host of [target, gateway]) {
        expect((await host.run(list)).stdout).toMatch(/^sock=\n/)
      }
    }))

  test.each([
    ['true', () => true],
    ['a socket', () => agent.socket],
    ['a variable', () => '$SSH_AUTH_SOCK'],
  ])('with forwardAgent as %s on the target is lent to the target alone', (_name, forwardAgent) =>
    withTarget({ forwardAgent: forwardAgent() }, async (target, gateway) => {
      const { stdout } = await target.run(list)
      expect(stdout).toContain(key.fingerprint)
      expect(stdout).not.toMatch(/^sock=\n/)
      expect((await gateway.run(list)).stdout).toMatch(/^sock=\n/)
    }),
  )

  test('is lent to commands at the same time, and to a shell', () =>
    withTarget({ forwardAgent: true }, async (target) => {
      const results = await Promise.all([1, 2, 3].map(() => target.run('ssh-add -l')))
      for (const { stdout } of results) expect(stdout).toContain(key.fingerprint)
      const stdout = new PassThrough()
      const shown = text(stdout)
      const stdin = new PassThrough()
      stdin.write('ssh-add -l; exit 3\r')
      expect(await target.shell({ stdin, stdout })).toMatchObject({ exitCode: 3 })
      stdout.end()
      expect(await shown).toContain(key.fingerprint)
    }))

  test('signs for a login from the target to the next host', async () => {
    await using next = await startSshd({ authorizedKeys: [key.publicLine] })
    await withTarget({ forwardAgent: true }, async (target) => {
      const port = String(next.port)
      const how = [
        'StrictHostKeyChecking=no',
        'UserKnownHostsFile=/dev/null',
        'IdentityFile=none',
        'BatchMode=yes',
      ]
      const options = how.flatMap((option) => ['-o', option])
      const { stdout } = await target.run([
        'ssh',
        '-F',
        'none',
        ...options,
        '-p',
        port,
        next.host,
        'echo arrived',
      ])
      expect(stdout).toBe('arrived\n')
    })
  })

  test('keeps nothing open when the connection ends in the middle of its use', async () => {
    await using slow = await startFakeAgent({ fault: 'hang' })
    await withTarget({ forwardAgent: slow.socket }, async (target) => {
      const listing = target.run('ssh-add -l').catch(() => undefined)
      await expect.poll(() => slow.live(), patient).toBe(1)
      await target.close()
      await listing
      await expect.poll(() => slow.live(), patient).toBe(0)
    })
  })

  test('keeps nothing open when the server is lost in the middle of its use', async () => {
    await using slow = await startFakeAgent({ fault: 'hang' })
    await using sshd = await startSshd()
    await using target = connectionTo(sshd, { forwardAgent: slow.socket })
    const listing = failureOf(target.run('ssh-add -l'))
    await expect.poll(() => slow.live(), patient).toBe(1)
    sshd.killSessions()
    expect(await listing).toMatchObject({ code: 'CONNECTION_LOST' })
    await expect.poll(() => slow.live(), patient).toBe(0)
  })

  test('that dies in the middle of its use harms no command', async () => {
    await using dying = await startFakeAgent({ fault: 'hang' })
    await withTarget({ forwardAgent: dying.socket }, async (target) => {
      for (const _time of ['first', 'second']) {
        const listing = target.run('ssh-add -l; echo done')
        await expect.poll(() => dying.live(), patient).toBe(1)
        dying.hangUp()
        expect(await listing).toMatchObject({ stdout: expect.stringContaining('done') })
      }
    })
  })

  test('is not lent to a host whose changed key was accepted', async () => {
    await using sshd = await startSshd()
    const other = chain.at(0).knownHostsLine().replace(/^\S+/, `[${sshd.host}]:${sshd.port}`)
    await using target = connectionTo(sshd, {
      forwardAgent: agent.socket,
      strictHostKeyChecking: 'no',
      userKnownHostsFile: [knownHostsFile(other)],
    })
    expect((await target.run(list)).stdout).toMatch(/^sock=\n/)
  })

  test('that the server does not forward is a warning, and commands run without it, as with ssh', async () => {
    await using sshd = await startSshd({ config: ['AllowAgentForwarding no'] })
    await using target = connectionTo(sshd, { forwardAgent: agent.socket })
    const warnings: unknown[] = []
    const listen = (event: unknown): void => void warnings.push(event)
    subscribe('sallyport:warning', listen)
    const results = await Promise.all([1, 2].map(() => target.run(list)))
    unsubscribe('sallyport:warning', listen)
    for (const { stdout } of results) expect(stdout).toMatch(/^sock=\n/)
    expect(warnings).toMatchObject([
      { hop: { host: sshd.host }, message: 'does not allow the agent to be forwarded' },
    ])
  })

  test.each(['', undefined])(
    'that is not there (SSH_AUTH_SOCK %j) is not lent, and harms nothing',
    async (socket) => {
      using _home = tempHome({ agent: socket })
      await using sshd = await startSshd()
      await using target = connectionTo(sshd, { identityAgent: undefined, forwardAgent: true })
      expect((await target.run(list)).stdout).toMatch(/^sock=\n/)
    },
  )
})

describe('a gateway between', () => {
  leakCheck()

  test('is never asked to forward the agent, nor is the target unless it is told to', async () => {
    await using lent = await startFakeAgent()
    await using network = await createNetwork({
      hosts: { outer: { listen: true, reaches: ['inner'] }, inner: { reaches: ['target'] }, target: {} },
    })
    const requests = (): readonly number[] =>
      ['outer', 'inner', 'target'].map(
        (name) => network.host(name).log.filter(({ event }) => event === 'agent forwarding').length,
      )
    const { settings } = network
    await using outer = new Connection('outer', { ...settings, gateway: network.dialer })
    await using inner = new Connection('inner', { ...settings, gateway: outer })
    await using plain = new Connection('target', { ...settings, gateway: inner })
    for (const host of [plain, inner, outer]) await host.run('hostname')
    expect(requests()).toEqual([0, 0, 0])
    await using target = new Connection('target', { ...settings, gateway: inner, forwardAgent: lent.socket })
    for (const host of [target, plain, inner, outer]) await host.run(sh`echo ${'x'}`)
    expect(requests()).toEqual([0, 0, 1])
    await closeAll([outer, inner, plain, target])
  })
})

describe('a channel that nobody asked for', () => {
  leakCheck()

  const kinds = ['forwarded-tcpip', 'x11', 'auth-agent@openssh.com'] as const
  const hosts = ['gw', 'target'] as const
  test.each(kinds.flatMap((kind) => hosts.map((host) => [kind, host] as const)))(
    'of kind %s is refused to %s, which is of use all the same',
    async (kind, name) => {
      await using lent = await startFakeAgent()
      await using network: Network = await createNetwork({
        hosts: { gw: { listen: true, reaches: ['target'] }, target: {} },
      })
      network.host(name).fault({ unaskedChannel: kind })
      // Not even where the agent is lent: that is for commands, and none runs yet.
      const settings = { ...network.settings, forwardAgent: lent.socket }
      await using gateway = new Connection('gw', { ...settings, gateway: network.dialer })
      await using target = new Connection('target', { ...settings, gateway })
      expect(await target.run('hostname')).toMatchObject({ stdout: 'target\n' })
      const answer = await network.host(name).logged(({ event }) => event === 'unasked channel')
      expect(answer).toMatchObject({ kind, outcome: 'refused' })
      expect(lent.live()).toBe(0)
      expect(await target.run('hostname')).toMatchObject({ stdout: 'target\n' })
    },
  )
})
