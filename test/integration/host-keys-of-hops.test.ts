// The host key of each hop is judged on its own, before anything secret is said to it.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Connection, type ConnectionOptions, connect, HostKeyError } from '../../src/index.js'
import { createNetwork, type Network } from '../../src/testing/index.js'
import { failureOf } from '../support/failure.js'
import { type KeyPair, keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo, knownHostsFile, optionsFor } from '../support/link-up.js'
import { createNetns } from '../support/netns.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { tempHome } from '../support/temp-home.js'

let gate: Sshd
let inner: Sshd
beforeAll(async () => {
  ;[gate, inner] = await Promise.all([startSshd(), startSshd()])
})
afterAll(async () => {
  await gate.stop()
  await inner.stop()
})

/** What a server has heard of users, of whatever outcome. */
const logins = (sshd: Sshd): readonly string[] =>
  sshd.log
    .lines()
    .map(({ text }) => text)
    .filter((text) => /userauth-request|^Accepted|^Failed/.test(text))

const nothingKnown = { userKnownHostsFile: [], globalKnownHostsFile: [] }

describe('without a word about host keys', () => {
  leakCheck()

  const entries: readonly (readonly [string, (connection: Connection) => Promise<unknown>])[] = [
    ['open', (connection) => connection.open()],
    ['run', (connection) => connection.run('true')],
    ['spawn', (connection) => connection.spawn('true')],
    ['shell', (connection) => connection.shell({ columns: 80 })],
    ['dial', (connection) => connection.dial({ host: '127.0.0.1', port: 1 })],
  ]

  test.each(entries)('%s refuses an unknown first hop, which hears of no user', async (_name, use) => {
    const before = logins(gate).length
    const error = await failureOf(use(connectionTo(gate, nothingKnown)))
    expect(error).toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      phase: 'host-key',
      hop: { index: 0, count: 1, host: gate.host, user: gate.user, port: gate.port },
      offered: { type: 'ssh-ed25519', fingerprint: gate.hostKeyFingerprint },
    })
    expect(logins(gate)).toHaveLength(before)
  })

  test.each(entries)('%s refuses an unknown second hop, and the gateway lives on', async (_name, use) => {
    await using gateway = connectionTo(gate)
    const before = logins(inner).length
    const error = await failureOf(use(connectionTo(inner, { ...nothingKnown, gateway })))
    expect(error).toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      phase: 'host-key',
      hop: { index: 1, count: 2, host: inner.host, user: inner.user, port: inner.port, via: gate.host },
      offered: { fingerprint: inner.hostKeyFingerprint },
    })
    expect(logins(inner)).toHaveLength(before)
    expect((await gateway.run('echo alive')).stdout).toBe('alive\n')
  })

  test('connect refuses as well', async () => {
    const error = await failureOf(connect(gate.host, { ...optionsFor(gate), ...nothingKnown }))
    expect(error).toMatchObject({ code: 'HOST_KEY_UNKNOWN', hop: { index: 0 } })
  })

  test('what is known of the gateway says nothing for the host behind it', async () => {
    const ofGate = [knownHostsFile(gate.knownHostsLine())]
    await using gateway = connectionTo(gate, { strictHostKeyChecking: 'no' })
    const target = connectionTo(inner, { gateway, userKnownHostsFile: ofGate })
    expect(await failureOf(target.open())).toMatchObject({ code: 'HOST_KEY_UNKNOWN', hop: { index: 1 } })
  })
})

describe('a changed host key', () => {
  leakCheck()
  let network: Network
  beforeAll(async () => {
    network = await createNetwork({
      hosts: {
        gate: { listen: true, reaches: ['inner'] },
        inner: { users: { someone: { password: 'the-secret' } }, faults: { hostKey: 'changed' } },
      },
    })
  })
  afterAll(() => network.close())

  test('of an inner hop is told with its place, and the host hears of no user', async () => {
    const { settings, dialer } = network
    await using gateway = new Connection('gate', { ...settings, user: 'someone', gateway: dialer })
    const password = vi.fn(() => 'the-secret')
    const target = new Connection('inner', { ...settings, user: 'someone', password, gateway })
    const error = await failureOf(target.open())
    expect(error).toBeInstanceOf(HostKeyError)
    expect(error).toMatchObject({
      code: 'HOST_KEY_CHANGED',
      phase: 'host-key',
      hop: { index: 1, count: 2, host: 'inner', user: 'someone', port: 22, via: 'gate' },
      known: [
        { file: network.files.knownHosts, line: 2, fingerprint: network.host('inner').hostKey.fingerprint },
      ],
    })
    expect(error.message).toContain(`${network.files.knownHosts}:2`)
    expect(error.hint).toContain('ssh-keygen -R')
    expect(error.hint).toContain('HostKeyAlias')

    await network.host('inner').logged(({ event }) => event === 'ended')
    expect(network.host('inner').log.map(({ event }) => event)).toEqual(['connected', 'ended'])
    expect(password).not.toHaveBeenCalled()
    expect((await gateway.run('hostname')).stdout).toBe('gate\n')
  })

  test('of an inner hop closes a gateway that only configuration made', async () => {
    using home = tempHome()
    home.write('.ssh/known_hosts', network.knownHosts)
    home.write('.ssh/id_ed25519', network.userKey.privateKey)
    const { host, port } = network.address('gate')
    const target = new Connection('inner', { user: 'someone', proxyJump: `someone@${host}:${port}` })
    expect(await failureOf(target.open())).toMatchObject({
      code: 'HOST_KEY_CHANGED',
      hop: { index: 1, host: 'inner', via: host },
    })
    await vi.waitFor(() => expect(network.host('gate').connections).toBe(0), { timeout: 5000 })
  })

  test('let through by strictHostKeyChecking no gets neither password nor agent', async () => {
    const { settings, dialer } = network
    await using gateway = new Connection('gate', { ...settings, user: 'someone', gateway: dialer })
    const password = vi.fn(() => 'the-secret')
    const target = new Connection('inner', {
      ...settings,
      user: 'someone',
      identityFile: [],
      strictHostKeyChecking: 'no',
      password,
      gateway,
    })
    expect(await failureOf(target.open())).toMatchObject({ code: 'AUTH_FAILED', hop: { index: 1 } })
    expect(password).not.toHaveBeenCalled()
    expect(JSON.stringify(network.host('inner').log)).not.toContain('the-secret')
  })
})

describe('a revoked host key', () => {
  leakCheck()

  test.each(['yes', 'accept-new', 'no'] as const)('is refused also where checking is %s', async (policy) => {
    const [key] = inner.hostKeys
    const revoked = `@revoked * ${key?.publicLine}\n`
    const userKnownHostsFile = [knownHostsFile(inner.knownHostsLine() + revoked)]
    await using gateway = connectionTo(gate)
    const options = { userKnownHostsFile, strictHostKeyChecking: policy } as const
    for (const through of [{}, { gateway }]) {
      const error = await failureOf(connectionTo(inner, { ...options, ...through }).open())
      expect(error).toMatchObject({
        code: 'HOST_KEY_REVOKED',
        phase: 'host-key',
        hop: { index: 'gateway' in through ? 1 : 0, host: inner.host },
        known: [{ file: userKnownHostsFile[0], line: 2 }],
      })
    }
  })
})

describe('a server with two host keys', () => {
  leakCheck()

  test.each(['rsa', 'ed25519', 'ecdsa'] as const)(
    'known by its %s key raises no false alarm',
    async (type) => {
      await using sshd = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] })
      const label = { rsa: 'ssh-rsa', ed25519: 'ssh-ed25519', ecdsa: 'ecdsa-sha2-nistp256' }[type]
      const line = sshd
        .knownHostsLine()
        .split('\n')
        .find((text) => text.includes(` ${label} `))
      const userKnownHostsFile = [knownHostsFile(`${line}\n`)]
      await using connection = connectionTo(sshd, { userKnownHostsFile })
      expect((await connection.run('echo fine')).stdout).toBe('fine\n')
    },
  )

  test('that has lost the known one is a changed host, not a new one', async () => {
    const [other, mine] = await Promise.all([keyPair('elsewhere', { type: 'rsa' }), startSshd()])
    await using sshd = mine
    const line = `[${sshd.host}]:${sshd.port} ${other.publicLine}\n`
    const options: ConnectionOptions = {
      userKnownHostsFile: [knownHostsFile(line)],
      strictHostKeyChecking: 'accept-new',
    }
    expect(await failureOf(connectionTo(sshd, options).open())).toMatchObject({ code: 'HOST_KEY_CHANGED' })
    expect(sshd.connections()).toEqual([])
  })
})

describe('one address behind two gateways', () => {
  leakCheck()

  test('stands for two hosts, which HostKeyAlias tells apart; without it the error says so', async () => {
    // Each namespace has the same loopback address to itself, and a server of its own there.
    await using left = await createNetns()
    await using right = await createNetns()
    const keys: readonly KeyPair[] = await Promise.all([keyPair('left'), keyPair('right')])
    const shared = { host: '127.9.9.9', port: 2200 }
    await using leftGate = await startSshd({ netns: left })
    await using rightGate = await startSshd({ netns: right })
    await using leftInner = await startSshd({ ...shared, netns: left, hostKeys: keys.slice(0, 1) })
    await using rightInner = await startSshd({ ...shared, netns: right, hostKeys: keys.slice(1) })
    await using leftGateway = connectionTo(leftGate)
    await using rightGateway = connectionTo(rightGate)

    const file = knownHostsFile('')
    const record = { userKnownHostsFile: [file], strictHostKeyChecking: 'accept-new' } as const
    const ofLeft = { ...record, gateway: leftGateway }
    const ofRight = { ...record, gateway: rightGateway }
    {
      await using first = connectionTo(leftInner, { ...ofLeft, hostKeyAlias: 'left-inner' })
      await using second = connectionTo(rightInner, { ...ofRight, hostKeyAlias: 'right-inner' })
      await first.open()
      await second.open()
    }
    {
      await using first = connectionTo(leftInner, ofLeft)
      await first.open()
      const second = connectionTo(rightInner, ofRight)
      const error = await failureOf(second.open())
      expect(error).toMatchObject({
        code: 'HOST_KEY_CHANGED',
        hop: { index: 1, count: 2, host: shared.host, via: rightGate.host },
        known: [{ file, line: 3 }],
      })
      expect(error.hint).toContain('hostKeyAlias')
    }
    expect(leftInner.connections()).toHaveLength(2)
    expect(rightInner.connections()).toHaveLength(1)
  })
})
