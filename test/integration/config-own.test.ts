// Routes that stand in our own files alone, walked on real servers: hosts, lists of gateways, and commands in files that
// are trusted. What a project's file may not say without trust is not done either.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Connection, type ConnectionOptions, type HostConfig, type SallyportConfig } from '../../src/index.js'
import { type Chain, startChain } from '../support/chain.js'
import { type ConfigHome, configHome } from '../support/config-home.js'
import { hostBlock, hostEntry } from '../support/config-hosts.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'

leakCheck()

/** g0 leads to g1, and g1 to db. */
let chain: Chain
beforeAll(async () => {
  chain = await startChain(3)
})
afterAll(() => chain[Symbol.asyncDispose]())

/** All three hosts; `more` is what else is said about each. */
function hosts(more: Readonly<Record<string, HostConfig>>): SallyportConfig {
  const entries = ['g0', 'g1', 'db'].map((name, at) => [name, { ...hostEntry(chain.at(at)), ...more[name] }])
  return { hosts: Object.fromEntries(entries) }
}

const userFile = '.config/sallyport/config.json'
const writeJson = (home: ConfigHome, name: string, config: SallyportConfig) =>
  home.write(name, JSON.stringify(config))

/** How many times each gateway was passed on the way to `db`. */
async function passagesTo(options: ConnectionOptions = {}): Promise<readonly number[]> {
  const before = chain.passages()
  await using db = new Connection('db', { sshConfig: false, ...options })
  expect((await db.run('echo $SSH_CONNECTION')).stdout).toContain(` ${chain.at(2).port}\n`)
  return chain.passages().map((count, index) => count - (before[index] ?? 0))
}

describe('the user’s own file', () => {
  test.each<[string, Readonly<Record<string, HostConfig>>, readonly number[]]>([
    ['a list of gateways', { db: { gateway: ['g0', 'g1'] } }, [1, 1]],
    ['gateways in ssh’s words', { db: { proxyJump: 'g0,g1' } }, [1, 1]],
    ['a gateway of a gateway', { db: { gateway: ['g1'] }, g1: { gateway: ['g0'] } }, [1, 1]],
    ['a command', { db: { gateway: 'nc %h %p' } }, [0, 0]],
    ['a command of a gateway', { db: { gateway: ['g0', 'g1'] }, g0: { proxyCommand: 'nc %h %p' } }, [1, 1]],
    ['no gateway', { db: { gateway: false } }, [0, 0]],
  ])('can give %s', async (_, more, passages) => {
    using home = configHome()
    writeJson(home, userFile, hosts(more))
    expect(await passagesTo()).toEqual(passages)
  })

  test('can be YAML, and a program', async () => {
    using home = configHome()
    const { hosts: entries } = hosts({ db: { gateway: ['g0', 'g1'] } })
    const lines = Object.entries(entries ?? {}).flatMap(([name, entry]) => [
      `  ${name}:`,
      ...Object.entries(entry).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`),
    ])
    home.write('.config/sallyport/config.yaml', ['hosts:', ...lines, ''].join('\n'))
    expect(await passagesTo()).toEqual([1, 1])
    using other = configHome()
    const text = `const hosts: object = ${JSON.stringify(entries)}\nexport default { hosts }\n`
    other.write('.config/sallyport/config.ts', text)
    expect(await passagesTo()).toEqual([1, 1])
  })

  test('can say which ssh_config files are read', async () => {
    using home = configHome()
    const blocks = ['g0', 'g1'].map((name, at) => hostBlock(name, chain.at(at))).join('')
    home.write('.config/sallyport/special', hostBlock('db', chain.at(2), 'ProxyJump g0,g1') + blocks)
    writeJson(home, userFile, { sshConfig: ['special'] })
    expect(await passagesTo({ sshConfig: undefined })).toEqual([1, 1])
  })
})

test('the environment can give the gateway of one host, and of all', async () => {
  for (const env of [
    { SALLYPORT_HOSTS__DB__PROXY_JUMP: 'g0,g1' },
    { SALLYPORT_HOSTS__DB__GATEWAY: 'nc %h %p' },
  ]) {
    using home = configHome(env)
    writeJson(home, userFile, hosts({}))
    expect(await passagesTo()).toEqual('SALLYPORT_HOSTS__DB__GATEWAY' in env ? [0, 0] : [1, 1])
  }
})

describe('what ssh_config says about the gateway', () => {
  test('beats our own files, and each fills in what the other leaves open', async () => {
    using home = configHome()
    home.write('.ssh/config', 'Host db\n  ProxyJump g0,g1\nHost g1\n  ServerAliveCountMax 7\n')
    writeJson(home, userFile, hosts({ db: { gateway: 'false' } }))
    expect(await passagesTo({ sshConfig: undefined })).toEqual([1, 1])
  })

  test('as a command is in conflict with a list of gateways of ours, and nothing is dialled', async () => {
    using home = configHome()
    const started = join(home.path, 'started')
    home.write('.ssh/config', `Host db\n  ProxyCommand touch ${started}\n`)
    const file = writeJson(home, userFile, hosts({ db: { gateway: ['g0', 'g1'] } }))
    const before = chain.at(0).connections().length
    await using db = new Connection('db')
    expect(await failureOf(db.open())).toMatchObject({
      code: 'GATEWAY_CONFLICT',
      sources: ['~/.config/sallyport/config.json: hosts.db.gateway', '~/.ssh/config:2'],
    })
    expect([file.endsWith('config.json'), existsSync(started)]).toEqual([true, false])
    expect(chain.at(0).connections()).toHaveLength(before)
    home.write('.ssh/config', 'Host db\n  ProxyCommand none\n')
    expect(await passagesTo({ sshConfig: undefined })).toEqual([0, 0])
  })
})

describe('a project’s file', () => {
  test('can say where hosts are and through which they are reached', async () => {
    using home = configHome()
    const strip = ({
      identityAgent: _,
      userKnownHostsFile: __,
      globalKnownHostsFile: ___,
      ...rest
    }: HostConfig) => rest
    const entries = Object.entries(hosts({ db: { gateway: ['g0', 'g1'] } }).hosts ?? {})
    const project: SallyportConfig = {
      hosts: Object.fromEntries(entries.map(([name, entry]) => [name, strip(entry)])),
    }
    writeJson(home, 'project/sallyport.config.json', project)
    home.write('.ssh/known_hosts', chain.knownHosts())
    expect(await passagesTo()).toEqual([1, 1])
  })

  test.each<[string, SallyportConfig]>([
    ['gateway', { hosts: { db: { gateway: 'touch started; nc %h %p' } } }],
    ['proxyCommand', { hosts: { '*': { proxyCommand: 'touch started; nc %h %p' } } }],
    ['known hosts', { userKnownHostsFile: ['known_hosts'] }],
    ['no check of host keys', { hosts: { db: { strictHostKeyChecking: 'no' } } }],
    ['the agent lent out', { hosts: { db: { forwardAgent: true } } }],
    ['a command to run there', { hosts: { db: { remoteCommand: 'touch started' } } }],
    ['variables to hand over', { sendEnv: ['*'] }],
    ['files of ssh_config', { sshConfig: ['evil'] }],
  ])('cannot give %s unless it is trusted, and no connection is made', async (_, project) => {
    using home = configHome()
    const evil = home.write('project/evil', 'Match exec "touch started"\nProxyCommand touch started\n')
    writeJson(home, userFile, hosts({}))
    writeJson(home, 'project/sallyport.config.json', project)
    const before = chain.at(2).connections().length
    await using db = new Connection('db', 'sshConfig' in project ? {} : { sshConfig: false })
    expect(await failureOf(db.open())).toMatchObject({
      code: 'EXEC_DENIED',
      origin: expect.stringMatching(/^sallyport\.config\.json: /),
    })
    expect(existsSync(join(evil, '../started'))).toBe(false)
    expect(chain.at(2).connections()).toHaveLength(before)
  })

  test('can give a command once the user trusts it', async () => {
    using home = configHome()
    writeJson(home, 'project/sallyport.config.json', { hosts: { db: { gateway: 'nc %h %p' } } })
    writeJson(home, userFile, { ...hosts({}), allowExec: [home.project] })
    expect(await passagesTo()).toEqual([0, 0])
    writeJson(home, userFile, hosts({}))
    expect(await passagesTo({ allowExec: true })).toEqual([0, 0])
  })
})
