// What configuration says of one host never reaches another: passwords under `hosts`, key files of one block, agents,
// passphrases. The embedded network keeps what each host was offered.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Connection, type ConnectionOptions, type HostConfig } from '../../src/index.js'
import { createNetwork, type HostDescription, type LogRecord, type Network } from '../../src/testing/index.js'
import { canary } from '../support/canary.js'
import { type ConfigHome, configHome } from '../support/config-home.js'
import { failureOf } from '../support/failure.js'
import { type KeyPair, keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { startSshAgent } from '../support/ssh-agent.js'

leakCheck()

const names = ['outer', 'inner', 'db'] as const
type Name = (typeof names)[number]
type PerHost<T> = Readonly<Record<Name, T>>

function perHost<T>(make: (name: Name) => T): PerHost<T> {
  return { outer: make('outer'), inner: make('inner'), db: make('db') }
}

type User = NonNullable<HostDescription['users']>[string]

/** outer, which listens, leads to inner, and inner to db. */
function network(users: PerHost<User>): Promise<Network> {
  const reaches = { outer: ['inner'], inner: ['db'], db: [] }
  return createNetwork({
    hosts: perHost((name) => ({
      listen: name === 'outer',
      reaches: reaches[name],
      users: { ops: users[name] },
    })),
  })
}

type Offer = Extract<LogRecord, { event: 'authentication' }>
const offersAt = (net: Network, name: Name): readonly Offer[] =>
  net.host(name).log.filter((record) => record.event === 'authentication')

const offered = (net: Network, what: 'password' | 'fingerprint') =>
  perHost((name) => [...new Set(offersAt(net, name).flatMap((offer) => offer[what] ?? []))])

/** The ways in which db can be behind the other two, as what ssh_config and our own file say. */
const ways: readonly (readonly [string, string, PerHost<HostConfig>])[] = [
  ['ProxyJump of ssh_config', 'Host db\n  ProxyJump outer,inner\n', perHost(() => ({}))],
  ['ProxyJump of each', 'Host db\n  ProxyJump inner\nHost inner\n  ProxyJump outer\n', perHost(() => ({}))],
  ['a list of ours', '', { ...perHost(() => ({})), db: { gateway: ['outer', 'inner'] } }],
  ['a list of each', '', { outer: {}, inner: { gateway: ['outer'] }, db: { gateway: ['inner'] } }],
]

/** Writes both files: the way, how outer is reached, and what else is said about each host. */
function configure(
  home: ConfigHome,
  net: Network,
  [ssh, gateways, secrets]: readonly [string, PerHost<HostConfig>, PerHost<HostConfig>],
): void {
  home.write('.ssh/known_hosts', net.knownHosts)
  home.write('.ssh/config', `${ssh}Host *\n  User ops\n`)
  const place = { hostName: '127.0.0.1', port: net.address('outer').port }
  const hosts = perHost((name) => ({
    ...(name === 'outer' ? place : {}),
    ...gateways[name],
    ...secrets[name],
  }))
  home.write('.config/sallyport/config.json', JSON.stringify({ hosts }))
}

/** A key for each host; an empty passphrase is none. */
async function keysOf(passphrases: PerHost<string>): Promise<PerHost<KeyPair>> {
  const key = (name: Name) => keyPair(`config-${name}`, { passphrase: passphrases[name] })
  return { outer: await key('outer'), inner: await key('inner'), db: await key('db') }
}

const blocksOf = (keys: PerHost<KeyPair>): string =>
  names.map((name) => `Host ${name}\n  IdentityFile ${keys[name].file}\n`).join('')

describe.each(ways)('behind gateways by %s', (_, ssh, gateways) => {
  test('a password under hosts is offered to that host and to no other', async () => {
    using home = configHome()
    const passwords = perHost(() => canary())
    await using net = await network(perHost((name) => ({ password: passwords[name], keys: [] })))
    configure(home, net, [ssh, gateways, perHost((name) => ({ password: passwords[name] }))])
    await using db = new Connection('db')
    expect(await db.run('hostname')).toMatchObject({ stdout: 'db\n' })
    expect(offered(net, 'password')).toEqual(perHost((name) => [passwords[name]]))
  })

  test('a password that only the host has is not tried on gateways that want one', async () => {
    using home = configHome()
    const secret = canary()
    await using net = await network(perHost(() => ({ password: secret, keys: [] })))
    configure(home, net, [ssh, gateways, { ...perHost(() => ({})), db: { password: secret } }])
    await using db = new Connection('db')
    expect(await failureOf(db.open())).toMatchObject({
      code: 'AUTH_FAILED',
      hop: { index: 0, host: 'outer' },
    })
    expect(offered(net, 'password')).toEqual(perHost(() => []))
  })

  test('a key file of one block is offered to that host and to no other', async () => {
    const keys = await keysOf(perHost(() => ''))
    using home = configHome()
    await using net = await network(perHost((name) => ({ keys: [keys[name].publicLine] })))
    configure(home, net, [blocksOf(keys) + ssh, gateways, perHost(() => ({}))])
    await using db = new Connection('db')
    await db.open()
    expect(offered(net, 'fingerprint')).toEqual(perHost((name) => [keys[name].fingerprint]))
  })

  test('an agent that one block names is asked for that host alone', async () => {
    const [own, held] = [await keyPair('config-own'), await keyPair('config-held')]
    await using agent = await startSshAgent([held])
    using home = configHome()
    await using net = await network(perHost((name) => ({ keys: [(name === 'db' ? held : own).publicLine] })))
    home.write('.ssh/id_ed25519', readFileSync(own.file, 'utf8'))
    const block = `Host db\n  IdentityAgent ${agent.socket}\n  IdentityFile none\n`
    configure(home, net, [block + ssh, gateways, perHost(() => ({}))])
    await using db = new Connection('db')
    await db.open()
    expect(offered(net, 'fingerprint')).toEqual({
      ...perHost(() => [own.fingerprint]),
      db: [held.fingerprint],
    })
  })
})

test('a passphrase under hosts opens the keys of that host, and those of no other', async () => {
  using home = configHome()
  const passphrases = perHost(() => canary())
  const keys = await keysOf(passphrases)
  await using net = await network(perHost((name) => ({ keys: [keys[name].publicLine] })))
  const [[, ssh, gateways] = ['', '', perHost(() => ({}))]] = ways
  const files = [blocksOf(keys) + ssh, gateways] as const
  configure(home, net, [...files, perHost((name) => ({ passphrase: passphrases[name] }))])
  await using db = new Connection('db')
  await db.open()
  configure(home, net, [...files, { ...perHost(() => ({})), db: { passphrase: passphrases.outer } }])
  await using other = new Connection('db')
  expect(await failureOf(other.open())).toMatchObject({ code: 'PASSPHRASE_NEEDED', hop: { index: 0 } })
})

test('what the caller gives for the host is not for the gateways that configuration puts before it', async () => {
  using home = configHome()
  const secret = canary()
  const key = await keyPair('config-given')
  await using net = await network(perHost(() => ({ password: secret, keys: [key.publicLine] })))
  const [[, ssh, gateways] = ['', '', perHost(() => ({}))]] = ways
  configure(home, net, [ssh, gateways, perHost(() => ({}))])
  const options: ConnectionOptions = {
    password: secret,
    identityFile: [key.file],
    userKnownHostsFile: [join(home.path, '.ssh/known_hosts')],
    sshOptions: [`IdentityFile=${key.file}`],
  }
  await using db = new Connection('db', options)
  expect(await failureOf(db.open())).toMatchObject({ code: 'AUTH_FAILED', hop: { index: 0 } })
  expect([offered(net, 'password'), offered(net, 'fingerprint')]).toEqual([
    perHost(() => []),
    perHost(() => []),
  ])
})
