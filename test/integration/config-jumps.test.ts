// Chains of real servers that stand in ssh_config alone: a program names a host, and the servers' logs tell the way.
// On each gateway only the next server can be reached, so that a route in another order leads nowhere.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Connection } from '../../src/index.js'
import { type Chain, startChain } from '../support/chain.js'
import { configHome } from '../support/config-home.js'
import { hostBlock, sshConfigFile } from '../support/config-hosts.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { knownHostsFile } from '../support/link-up.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { createUnixUser, type UnixUser } from '../support/unix-user.js'

leakCheck()

/** g0 leads to g1, g1 to g2, g2 to db. At g1 one logs in as somebody else. */
let chain: Chain
let somebody: UnixUser
beforeAll(async () => {
  somebody = await createUnixUser()
  chain = await startChain(4, (index) => (index === 1 ? { user: somebody.name } : {}))
})
afterAll(async () => {
  await chain[Symbol.asyncDispose]()
  await somebody[Symbol.asyncDispose]()
})

const names = ['g0', 'g1', 'g2', 'db']
/** The blocks of all four; `lines` are what else is said about each. */
const blocks = (lines: Readonly<Record<string, readonly string[]>>): string =>
  names.map((name, index) => hostBlock(name, chain.at(index), ...(lines[name] ?? []))).join('')

/** How many times each gateway forwarded to the next while `db` was used, and what `db` says about the connection. */
async function passagesTo(db: Connection): Promise<readonly number[]> {
  const before = chain.passages()
  const { stdout } = await db.run('echo $SSH_CONNECTION')
  expect(stdout).toContain(` ${chain.at(3).host} ${chain.at(3).port}\n`)
  return chain.passages().map((count, index) => count - (before[index] ?? 0))
}

describe('hosts to jump through', () => {
  test.each([
    ['g2', [0, 0, 1]],
    ['g1,g2', [0, 1, 1]],
    ['g0,g1,g2', [1, 1, 1]],
  ])('%s are visited in this order, each with what ~/.ssh/config says about it', async (jumps, passages) => {
    using home = configHome()
    home.write('.ssh/config', blocks({ db: [`ProxyJump ${jumps}`] }))
    await using db = new Connection('db')
    expect(await passagesTo(db)).toEqual(passages)
    for (const name of [...jumps.split(','), 'db']) {
      const sshd = chain.at(names.indexOf(name))
      expect(sshd.connections().at(-1)?.user).toBe(sshd.user)
    }
    expect((await db.resolve()).hops.map(({ host }) => host)).toEqual([...jumps.split(','), 'db'])
  })

  test.each<[string, Readonly<Record<string, readonly string[]>>]>([
    ['each', { db: ['ProxyJump g2'], g2: ['ProxyJump g1'], g1: ['ProxyJump g0'] }],
    ['the first of a list', { db: ['ProxyJump g1,g2'], g1: ['ProxyJump g0'] }],
    [
      'the first of a list, and no later one,',
      { db: ['ProxyJump g1,g2'], g1: ['ProxyJump g0'], g2: ['ProxyJump nowhere.invalid'] },
    ],
    [
      'the first of a list, and no later one with a command,',
      { db: ['ProxyJump g1,g2'], g1: ['ProxyJump g0'], g2: ['ProxyCommand false'] },
    ],
  ])('that %s has a gateway of its own are found from the one named file', async (_, lines) => {
    const sshConfig = sshConfigFile(blocks(lines))
    await using db = new Connection('db', { sshConfig, config: false })
    expect(await passagesTo(db)).toEqual([1, 1, 1])
  })

  test('of a pattern that also matches the gateways are not those of a gateway that said none before', async () => {
    const text = blocks({ db: ['ProxyJump g2'], g2: ['ProxyJump none'] })
    const sshConfig = sshConfigFile(text, 'Host *\n  ProxyJump elsewhere.invalid\n')
    await using db = new Connection('db', { sshConfig, config: false })
    expect(await passagesTo(db)).toEqual([0, 0, 1])
  })

  test('may be written as ssh:// addresses, user@host:port, and numbers', async () => {
    const [g0, g1, g2] = chain.sshds
    const byAddress = [g0, g1, g2].map((sshd) => sshd && hostBlock(sshd.host, sshd, 'User wrong', 'Port 1'))
    const jumps = [
      `ssh://${g0?.user}@${g0?.host}:${g0?.port}`,
      `${g1?.user}@${g1?.host}:${g1?.port}`,
      `ssh://${g2?.user}@${g2?.host}:${g2?.port}/`,
    ].join(',')
    const sshConfig = sshConfigFile(
      hostBlock('db', chain.at(3), `ProxyJump ${jumps}`),
      ...byAddress.map(String),
    )
    await using db = new Connection('db', { sshConfig, config: false })
    expect(await passagesTo(db)).toEqual([1, 1, 1])
  })
})

/** What the real ssh complains about. */
const sshSays = (file: string): string => spawnSync('ssh', ['-G', '-F', file, 'db']).stderr.toString()

describe('an IPv6 address in brackets', () => {
  let six: Sshd
  beforeAll(async () => {
    six = await startSshd({ name: 'six', host: '::1' })
  })
  afterAll(() => six.stop())

  test('is a gateway in a list of ProxyJump', async () => {
    const [db, before] = [chain.at(3), six.forwards().length]
    const jump = `ProxyJump ${six.user}@[::1]:${six.port}`
    const sshConfig = sshConfigFile(hostBlock('db', db, jump), hostBlock('::1', six))
    await using connection = new Connection('db', { sshConfig, config: false })
    await connection.run('true')
    await vi.waitFor(() => expect(six.forwards().slice(before)).toEqual([`${db.host}:${db.port}`]))
  })

  test('is none in an ssh:// address of ProxyJump, for ssh as for us', async () => {
    const sshConfig = sshConfigFile(`ProxyJump ssh://${six.user}@[::1]:${six.port}\n`)
    expect(sshSays(sshConfig)).toMatch(/line 1: Invalid ProxyJump/)
    await using connection = new Connection('db', { sshConfig, config: false })
    expect(await failureOf(connection.open())).toMatchObject({
      code: 'CONFIG_INVALID',
      origin: `${sshConfig}:1`,
    })
  })

  test('as a HostName behind a gateway reaches it as it is', async () => {
    await using gateway = await startSshd({ name: 'gateway' })
    const sshConfig = sshConfigFile(hostBlock('six', six, 'ProxyJump gateway'), hostBlock('gateway', gateway))
    await using connection = new Connection('six', { sshConfig, config: false })
    await connection.run('true')
    await vi.waitFor(() => expect(gateway.forwards()).toEqual([`::1:${six.port}`]))
  })
})

describe('the host key of each hop', () => {
  /** What `g2` and `db` are known by in files of their own. */
  const files = () => ({ g2: knownHostsFile(''), db: knownHostsFile('') })

  test('is judged by the policy and the files of that hop, and recorded in them', async () => {
    const known = files()
    const sshConfig = sshConfigFile(
      blocks({
        db: ['ProxyJump g2', 'StrictHostKeyChecking yes'],
        g2: [`UserKnownHostsFile ${known.g2}`, 'StrictHostKeyChecking accept-new', 'HashKnownHosts yes'],
      }),
    )
    await using db = new Connection('db', { sshConfig, config: false })
    expect(await passagesTo(db)).toEqual([0, 0, 1])
    expect(readFileSync(known.g2, 'utf8')).toMatch(/^\|1\|\S+ ssh-ed25519 \S+\n$/)
  })

  test('is not accepted because that of the gateway may be', async () => {
    const known = files()
    const loose = 'StrictHostKeyChecking no'
    const sshConfig = sshConfigFile(
      blocks({
        db: ['ProxyJump g2', `UserKnownHostsFile ${known.db}`],
        g2: [`UserKnownHostsFile ${known.g2}`, loose],
      }),
    )
    await using db = new Connection('db', { sshConfig, config: false })
    expect(await failureOf(db.open())).toMatchObject({ code: 'HOST_KEY_UNKNOWN', hop: { index: 1 } })
  })

  test('is looked up by HostKeyAlias, each hop by its own', async () => {
    const [g2, db] = [chain.at(2), chain.at(3)]
    const aliases = knownHostsFile(
      [`the-gateway ${g2.hostKeys[0]?.publicLine}\n`, `the-database ${db.hostKeys[0]?.publicLine}\n`].join(
        '',
      ),
    )
    const file = `UserKnownHostsFile ${aliases}`
    const sshConfig = (ofGateway: string, ofDatabase: string) =>
      sshConfigFile(
        blocks({
          db: ['ProxyJump g2', file, `HostKeyAlias ${ofDatabase}`],
          g2: [file, `HostKeyAlias ${ofGateway}`],
        }),
      )
    const right = sshConfig('the-gateway', 'the-database')
    await using good = new Connection('db', { sshConfig: right, config: false })
    expect(await passagesTo(good)).toEqual([0, 0, 1])
    const swapped = sshConfig('the-gateway', 'the-gateway')
    await using bad = new Connection('db', { sshConfig: swapped, config: false })
    expect(await failureOf(bad.open())).toMatchObject({ code: 'HOST_KEY_CHANGED', hop: { index: 1 } })
  })
})
