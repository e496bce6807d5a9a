// Gateways that configuration made are shared by those for whom they are the same in everything, and by nobody else:
// what one configuration trusts, or knows, is not another's.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Connection, type ConnectionOptions } from '../../src/index.js'
import { hostBlock, sshConfigFile } from '../support/config-hosts.js'
import { failureOf } from '../support/failure.js'
import { keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { knownHostsFile } from '../support/link-up.js'
import { scratchDir } from '../support/run-dir.js'
import { type Sshd, startSshd } from '../support/sshd.js'

leakCheck()

let gateway: Sshd
let db: Sshd
let other: Sshd
beforeAll(async () => {
  const strange = await keyPair('sharing')
  ;[gateway, db, other] = await Promise.all([
    startSshd({ name: 'gateway', authorizedKeys: [strange.publicLine] }),
    startSshd({ name: 'db' }),
    startSshd({ name: 'other' }),
  ])
})
afterAll(() => Promise.all([gateway, db, other].map((sshd) => sshd.stop())))

/** A connection by a configuration in which these lines are said about the gateway. */
function through(host: 'db' | 'other', ...lines: readonly string[]): Connection {
  const sshConfig = sshConfigFile(
    hostBlock('db', db, 'ProxyJump gateway'),
    hostBlock('other', other, 'ProxyJump gateway'),
    hostBlock('gateway', gateway, ...lines),
  )
  return new Connection(host, { sshConfig, config: false })
}

/** How many times one logs in to the gateway during the work. */
async function logins(work: () => Promise<unknown>): Promise<number> {
  const before = gateway.connections().length
  await work()
  return gateway.connections().length - before
}

const knownHosts = () => `UserKnownHostsFile ${knownHostsFile(gateway.knownHostsLine())}`

test('who says the same of a gateway shares one connection to it, whatever else the files say', async () => {
  const same = knownHosts()
  await using one = through('db', same)
  await using two = through('other', same, 'ControlMaster auto')
  await using three = through('db', same, 'Port 1'.replace('1', String(gateway.port)))
  const count = await logins(() => Promise.all([one, two, three].map((connection) => connection.run('true'))))
  expect(count).toBe(1)
})

test.each<[string, () => readonly string[]]>([
  ['another key', () => [`IdentityFile ${scratchDir('none')}/none`]],
  ['another file of known hosts', () => [knownHosts()]],
  ['another policy for host keys', () => ['StrictHostKeyChecking accept-new']],
  ['another agent', () => ['IdentityAgent /no/such/agent']],
  ['other algorithms', () => ['Ciphers aes256-ctr']],
  ['another way to it', () => ['ProxyCommand nc %h %p']],
])('who has %s for a gateway has a connection of its own', async (_, lines) => {
  const same = knownHosts()
  await using one = through('db', same)
  await using two = through('other', ...lines(), same)
  expect(await logins(() => Promise.all([one.run('true'), two.run('true')]))).toBe(2)
})

test('who does not trust a gateway is not taken there by somebody who does', async () => {
  await using trusting = through('db', `UserKnownHostsFile ${knownHostsFile('')}`, 'StrictHostKeyChecking no')
  await trusting.run('true')
  await using strict = through(
    'other',
    `UserKnownHostsFile ${knownHostsFile('')}`,
    'StrictHostKeyChecking yes',
  )
  const before = other.connections().length
  expect(await failureOf(strict.open())).toMatchObject({ code: 'HOST_KEY_UNKNOWN', hop: { index: 0 } })
  expect(other.connections()).toHaveLength(before)
})

test('who may not log in to a gateway is not taken there by somebody who may', async () => {
  await using allowed = through('db')
  await allowed.run('true')
  const barred: ConnectionOptions = { config: false }
  const block = hostBlock('gateway', gateway).replace(/^ *IdentityFile .*\n/m, '  IdentityFile none\n')
  const sshConfig = sshConfigFile(hostBlock('other', other, 'ProxyJump gateway'), block)
  await using connection = new Connection('other', { ...barred, sshConfig })
  expect(await failureOf(connection.open())).toMatchObject({ code: 'AUTH_FAILED', hop: { index: 0 } })
})

test('commands that differ in a secret alone are two ways to a gateway', async () => {
  const record = join(scratchDir('secrets'), 'record')
  const same = knownHosts()
  const command = (token: string) =>
    `ProxyCommand sh -c 'echo "$1" >> ${record}; exec nc "$2" "$3"' sh --password=${token} %h %p`
  await using one = through('db', same, command('of-one'))
  await using two = through('other', same, command('of-two'))
  expect(await logins(() => Promise.all([one.run('true'), two.run('true')]))).toBe(2)
  expect(existsSync(record) && readFileSync(record, 'utf8').trim().split('\n').sort()).toEqual([
    '--password=of-one',
    '--password=of-two',
  ])
})
