// The ways by which ssh_config comes to a connection, and what a connection that is passed in as the gateway has to do
// with it: each way is for every hop, and on each way real servers are reached.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Connection, type ConnectionOptions, openSshConfig, parseSshConfig } from '../../src/index.js'
import { type Chain, startChain } from '../support/chain.js'
import { type ConfigHome, configHome } from '../support/config-home.js'
import { hostBlock, hostEntry, sshConfigFile } from '../support/config-hosts.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { scratchDir } from '../support/run-dir.js'
import { startSshd } from '../support/sshd.js'

leakCheck()

/** g0 leads to g1, and g1 to db. */
let chain: Chain
beforeAll(async () => {
  chain = await startChain(3)
})
afterAll(() => chain[Symbol.asyncDispose]())

/** db is behind g1, which is behind g0: each says so for itself. */
const text = (): string =>
  hostBlock('db', chain.at(2), 'ProxyJump g1') +
  hostBlock('g1', chain.at(1), 'ProxyJump g0') +
  hostBlock('g0', chain.at(0))

async function passagesTo(db: Connection): Promise<readonly number[]> {
  const before = chain.passages()
  await db.run('true')
  return chain.passages().map((count, index) => count - (before[index] ?? 0))
}

describe('ssh_config that is given', () => {
  type Way = (home: ConfigHome) => ConnectionOptions
  const given =
    (name: string, options: ConnectionOptions): Way =>
    (home) => {
      home.write(name, text())
      return options
    }

  test.each<[string, Way]>([
    ['as the files of the home', given('.ssh/config', {})],
    ['as a file', () => ({ sshConfig: sshConfigFile(text()) })],
    ['as a file in the home', given('special', { sshConfig: '~/special' })],
    ['as a file beside the program', given('project/special', { sshConfig: 'special' })],
    [
      'as files, of which the first counts',
      () => ({ sshConfig: [sshConfigFile(text()), sshConfigFile('Host *\nPort 1\n')] }),
    ],
    [
      'as files, which fill in what is open',
      () => ({
        sshConfig: [sshConfigFile('Host db\nServerAliveCountMax 7\n'), sshConfigFile(text())],
      }),
    ],
    ['as a text', () => ({ sshConfig: parseSshConfig(text()) })],
    [
      'as files that were opened before',
      () => ({ sshConfig: openSshConfig({ files: [sshConfigFile(text())] }) }),
    ],
    [
      'by the environment',
      () => {
        process.env['SALLYPORT_SSH_CONFIG'] = [sshConfigFile('Host x\n'), sshConfigFile(text())].join(':')
        return {}
      },
    ],
    [
      'by our own file',
      (home) => {
        home.write('.config/sallyport/config.json', JSON.stringify({ sshConfig: sshConfigFile(text()) }))
        return {}
      },
    ],
  ])('%s is for every hop', async (_, way) => {
    using home = configHome()
    await using db = new Connection('db', way(home))
    expect(await passagesTo(db)).toEqual([1, 1])
  })

  test('by the caller beats the environment, and that beats our own file', async () => {
    using home = configHome({ SALLYPORT_SSH_CONFIG: sshConfigFile(text()) })
    home.write('.config/sallyport/config.json', JSON.stringify({ sshConfig: '/no/such/file' }))
    await using db = new Connection('db')
    expect(await passagesTo(db)).toEqual([1, 1])
    await using none = new Connection('db', { sshConfig: false })
    expect((await none.resolve()).hops).toMatchObject([{ hostName: 'db', port: 22 }])
  })
})

describe('what tokens and variables stand for', () => {
  test('is another file for each hop: its own key, and its own known hosts', async () => {
    using home = configHome({ SPT_KEYS: 'keys' })
    for (const [index, name] of ['g0', 'g1', 'db'].entries()) {
      const sshd = chain.at(index)
      home.write(`.ssh/keys/${name}-${sshd.port}`, readFileSync(sshd.userKeyFile, 'utf8'))
      home.write(`.ssh/known-${sshd.host}`, sshd.knownHostsLine())
    }
    const places = ['g0', 'g1', 'db'].map((name, index) => {
      const { host, port, user } = chain.at(index)
      return `Host ${name}\n  HostName ${host}\n  Port ${port}\n  User ${user}\n`
    })
    const every = [
      'Host *',
      `IdentityFile %d/.ssh/\${SPT_KEYS}/%n-%p`,
      'UserKnownHostsFile ~/.ssh/known-%h',
      '',
    ]
    home.write('.ssh/config', `Host db\n  ProxyJump g0,g1\n${places.join('')}${every.join('\n')}`)
    await using db = new Connection('db')
    expect(await passagesTo(db)).toEqual([1, 1])
  })

  test('is what the environment says when a connection is made, not when the file was read first', async () => {
    const lines = [`LocalForward \${SPT_LATER}/socket /run/socket`]
    const sshConfig = sshConfigFile(hostBlock('db', chain.at(2), ...lines))
    // Files that have just been written are read again in any case.
    await vi.waitUntil(() => Date.now() - statSync(sshConfig).ctimeMs > 50)
    using _home = configHome()
    await using before = new Connection('db', { sshConfig, config: false })
    expect(await failureOf(before.open())).toMatchObject({ message: expect.stringContaining('SPT_LATER') })
    process.env['SPT_LATER'] = '/tmp'
    await before.open()
    await using after = new Connection('db', { sshConfig, config: false })
    await after.open()
    delete process.env['SPT_LATER']
    await using late = new Connection('db', { sshConfig, config: false })
    expect(await failureOf(late.open())).toMatchObject({ message: expect.stringContaining('SPT_LATER') })
  })
})

describe('a connection that is passed in as the gateway', () => {
  const g1 = () => connectionTo(chain.at(1), { config: false, sshConfig: false })

  test('is used in place of the ProxyJump of the host, and keeps its own configuration', async () => {
    await using gateway = new Connection('g1', { sshConfig: sshConfigFile(text()), config: false })
    const sshConfig = sshConfigFile(hostBlock('db', chain.at(2), 'ProxyJump nowhere.invalid'))
    await using db = new Connection('db', { sshConfig, config: false, gateway })
    expect(await passagesTo(db)).toEqual([1, 1])
    await db.close()
    expect(gateway.state).toBe('open')
  })

  test('is in conflict with a ProxyCommand of the host: both are named, and neither is used', async () => {
    await using gateway = g1()
    const started = join(scratchDir('conflict'), 'started')
    const sshConfig = sshConfigFile(hostBlock('db', chain.at(2), `ProxyCommand touch ${started}`))
    await using db = new Connection('db', { sshConfig, config: false, gateway })
    expect(await failureOf(db.open())).toMatchObject({
      code: 'GATEWAY_CONFLICT',
      sources: ['option gateway', `${sshConfig}:2`],
      hint: expect.stringContaining('ProxyCommand none'),
    })
    expect([gateway.state, existsSync(started)]).toEqual(['idle', false])
  })

  test.each([
    ['ProxyCommand none'],
    ['ProxyJump none', 'ProxyCommand none'],
    ['ProxyJump g0', 'ProxyCommand touch /no/such/place'],
  ])('is in no conflict with %s', async (...lines) => {
    await using gateway = g1()
    const sshConfig = sshConfigFile(hostBlock('db', chain.at(2), ...lines))
    await using db = new Connection('db', { sshConfig, config: false, gateway })
    expect(await passagesTo(db)).toEqual([0, 1])
  })
})

describe('the name of an inner host', () => {
  test('with an IPv6 zone is for the gateway, as it is', async () => {
    await using gateway = await startSshd({ name: 'gateway' })
    const blocks = hostBlock('gateway', gateway)
    const sshConfig = sshConfigFile('Host far\n  HostName fe80::1%%nowhere0\n  ProxyJump gateway\n', blocks)
    await using far = new Connection('far', { sshConfig, config: false })
    expect(await failureOf(far.open())).toMatchObject({ hop: { index: 1, via: 'gateway' } })
    await vi.waitFor(() => expect(gateway.forwards()).toEqual(['fe80::1%nowhere0:22']))
  })

  test.each(['fe80::1%eth0', 'a%z', '%', 'a%%b', '-oProxyCommand=x', 'a b'])(
    'that is made of %j is refused before the gateway is asked',
    async (name) => {
      const before = chain.at(1).connections().length
      const sshConfig = sshConfigFile(`Host far\n  HostName "${name}"\n  ProxyJump g1\n`, text())
      await using far = new Connection('far', { sshConfig, config: false })
      expect(await failureOf(far.open())).toMatchObject({ name: 'ConfigError', phase: 'resolve' })
      expect(chain.at(1).connections()).toHaveLength(before)
    },
  )
})

describe('an odd file of ours', () => {
  const makePipe = (file: string): void => {
    rmSync(file)
    execFileSync('mkfifo', ['-m', '600', file])
  }
  const json = () => JSON.stringify({ hosts: { db: hostEntry(chain.at(2)) } }, null, 2)

  test.each<[string, (plain: string) => string]>([
    ['CRLF', (plain) => plain.replaceAll('\n', '\r\n')],
    ['a byte order mark', (plain) => `\ufeff${plain}`],
  ])('with %s leads to the server', async (_, odd) => {
    using home = configHome()
    home.write('.config/sallyport/config.json', odd(json()))
    await using db = new Connection('db')
    await db.run('true')
  })

  test.each<[string, (file: string) => void, RegExp]>([
    ['a pipe', makePipe, /is not a regular file/],
    ['of 100 MiB', (file) => truncateSync(file, 100 * 2 ** 20), /is larger than 4 MiB/],
    ['with a NUL', (file) => writeFileSync(file, json().replace('{', '{\0')), /is not JSON/],
    ['that is empty', (file) => writeFileSync(file, ''), /is not JSON/],
  ])('%s is refused at once, and named', async (_, odd, message) => {
    using home = configHome()
    odd(home.write('.config/sallyport/config.json', json()))
    const before = performance.now()
    await using db = new Connection('db')
    expect(await failureOf(db.open())).toMatchObject({
      name: 'ConfigError',
      phase: 'resolve',
      message: expect.stringMatching(message),
      origin: expect.stringMatching(/^~\/\.config\/sallyport\/config\.json/),
    })
    expect(performance.now() - before).toBeLessThan(2000)
  })
})
