// Mistakes in configuration, with real servers beside it that must not hear of them: unknown keywords, variables that
// are not set, gateways that lead back to themselves. Each error names the lines that made it.

import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Connection, openSshConfig, parseSshConfig } from '../../src/index.js'
import { configHome } from '../support/config-home.js'
import { hostBlock, hostEntry, sshConfigFile } from '../support/config-hosts.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { type Sshd, startSshd } from '../support/sshd.js'

leakCheck()

let a: Sshd
let b: Sshd
beforeAll(async () => {
  ;[a, b] = await Promise.all([startSshd({ name: 'a' }), startSshd({ name: 'b' })])
})
afterAll(() => Promise.all([a.stop(), b.stop()]))

/** How many connections both servers have seen; failed ones count. */
const seen = (): number =>
  [a, b].flatMap((sshd) => sshd.log.lines()).filter(({ text }) => /^Connection from/.test(text)).length

const ssh = (file: string, host: string): string =>
  spawnSync('ssh', ['-G', '-F', file, host], { encoding: 'utf8' }).stderr.trim()

/** The error of opening `host` by these lines of `~/.ssh/config`; nothing may have been dialled. */
async function refusal(host: string, lines: readonly string[]) {
  using home = configHome()
  home.write('.ssh/config', lines.map((line) => `${line}\n`).join(''))
  const before = seen()
  await using connection = new Connection(host)
  const error = await failureOf(connection.open())
  expect(seen()).toBe(before)
  expect(error.phase).toBe('resolve')
  return error
}

describe('an unknown keyword', () => {
  const wrong = 'Host elsewhere\n  Gateway edge\n  Prot 22\n'

  test('stops every connection, whatever host it is for, and names its line, as ssh does', async () => {
    const file = sshConfigFile(hostBlock('db', a), wrong)
    expect(ssh(file, 'db')).toMatch(/line 10: Bad configuration option: gateway\s.*line 11: .*prot/s)
    const before = seen()
    await using db = new Connection('db', { sshConfig: file, config: false })
    expect(await failureOf(db.open())).toMatchObject({
      code: 'CONFIG_INVALID',
      origin: `${file}:10`,
      message: expect.stringContaining('bad configuration option "gateway"'),
      problems: [{ origin: `${file}:10` }, { origin: `${file}:11` }],
    })
    expect(seen()).toBe(before)
  })

  test('is a warning where that was asked for, and the good lines lead to the server', async () => {
    const file = sshConfigFile(hostBlock('db', a), wrong)
    for (const sshConfig of [
      openSshConfig({ files: [file], onProblem: 'warn' }),
      parseSshConfig(hostBlock('db', a) + wrong, { file, onProblem: 'warn' }),
    ]) {
      await using db = new Connection('db', { sshConfig, config: false })
      expect((await db.run('echo $SSH_CONNECTION')).stdout).toContain(` ${a.port}\n`)
      expect((await db.resolve()).warnings).toEqual(
        expect.arrayContaining([
          expect.stringContaining(`${file}:10: bad configuration option`),
          expect.stringContaining(`${file}:11: bad configuration option`),
        ]),
      )
    }
  })

  test('of our own file names the file and the key path', async () => {
    using home = configHome()
    const hosts = { db: { ...hostEntry(a), hostname: 'x' } }
    home.write('.config/sallyport/config.json', JSON.stringify({ hosts }))
    const before = seen()
    await using db = new Connection('db')
    expect(await failureOf(db.open())).toMatchObject({
      code: 'CONFIG_INVALID',
      origin: '~/.config/sallyport/config.json: hosts.db.hostname',
      message: expect.stringContaining('did you mean hostName?'),
    })
    expect(seen()).toBe(before)
  })
})

describe('a variable that is not set', () => {
  test.each([
    ['IdentityFile', `IdentityFile ~/.ssh/\${SPT_NOT_SET}`],
    ['User', `User \${SPT_NOT_SET}`],
    ['UserKnownHostsFile', `UserKnownHostsFile /etc/\${SPT_NOT_SET}/known`],
    ['Include', `Include \${SPT_NOT_SET}/part`],
  ])('in %s is named, with the line, and nothing is dialled', async (_, line) => {
    const lines = ['Host db', `  ${line}`]
    expect(await refusal('db', lines)).toMatchObject({
      code: 'CONFIG_INVALID',
      origin: '~/.ssh/config:2',
      message: expect.stringMatching(/SPT_NOT_SET\b.* is not set/),
    })
  })

  test('of a gateway is named, too', async () => {
    const lines = ['Host db', '  ProxyJump gw', 'Host gw', `  IdentityFile /\${SPT_NOT_SET}`]
    expect(await refusal('db', lines)).toMatchObject({ origin: '~/.ssh/config:4' })
  })

  test('stops every connection where ssh replaces it as it reads the line, whatever host it is for', async () => {
    const lines = ['Host other', `  LocalForward \${SPT_NOT_SET} /run/socket`]
    expect(ssh(sshConfigFile(lines.join('\n')), 'db')).toMatch(/line 2: .*SPT_NOT_SET|SPT_NOT_SET.*line 2/s)
    expect(await refusal('db', lines)).toMatchObject({
      origin: '~/.ssh/config:2',
      message: expect.stringContaining('SPT_NOT_SET'),
    })
  })

  test('counts as what it is once it is set', async () => {
    using home = configHome({ SPT_NAME: a.user })
    const lines = [`User \${SPT_NAME}`, 'HostKeyAlias some']
    home.write('.ssh/config', hostBlock('db', a, ...lines))
    const userKnownHostsFile = [home.write('known', `some ${a.hostKeys[0]?.publicLine}\n`)]
    await using db = new Connection('db', { userKnownHostsFile })
    expect((await db.run('id -un')).stdout).toBe(`${a.user}\n`)
  })
})

describe('gateways that lead back', () => {
  test('to the first, by way of another, are refused with the way and the lines', async () => {
    const lines = ['Host a', '  ProxyJump b', 'Host b', '  ProxyJump a']
    expect(await refusal('a', lines)).toMatchObject({
      code: 'GATEWAY_LOOP',
      message: expect.stringMatching(/a → b → a \(~\/\.ssh\/config:2, ~\/\.ssh\/config:4\)/),
    })
  })

  test('to themselves are refused', async () => {
    expect(await refusal('a', ['Host a', '  ProxyJump a'])).toMatchObject({
      code: 'GATEWAY_LOOP',
      message: expect.stringContaining('a → a (~/.ssh/config:2)'),
    })
  })

  test('because the pattern matches the gateway as well are refused, and the way out is told', async () => {
    expect(await refusal('db', ['Host *', '  ProxyJump bastion'])).toMatchObject({
      code: 'GATEWAY_LOOP',
      message: expect.stringContaining('db → bastion → bastion (~/.ssh/config:2'),
      hint: expect.stringContaining('Host * !gateway'),
    })
  })

  test('under another name, by HostName, are refused', async () => {
    const place = [`HostName ${a.host}`, `Port ${a.port}`, 'User ops']
    const lines = ['Host one', ...place, 'ProxyJump two', 'Host two', ...place]
    expect(await refusal('one', lines)).toMatchObject({ code: 'GATEWAY_LOOP' })
  })

  test('from our own file are refused with the key paths', async () => {
    using home = configHome()
    const hosts = { a: { gateway: ['b'] }, b: { gateway: ['a'] } }
    home.write('.config/sallyport/config.json', JSON.stringify({ hosts }))
    const file = '~/.config/sallyport/config.json: hosts'
    await using connection = new Connection('a')
    expect(await failureOf(connection.open())).toMatchObject({
      code: 'GATEWAY_LOOP',
      message: expect.stringContaining(`a → b → a (${file}.a.gateway, ${file}.b.gateway)`),
    })
  })

  test('but to another user of the same machine are walked', async () => {
    const again = hostBlock('again', a, 'ProxyJump between', 'User nobody', 'BatchMode yes')
    const file = sshConfigFile(again, hostBlock('between', b, 'ProxyJump first'), hostBlock('first', a))
    await using connection = new Connection('again', { sshConfig: file, config: false })
    await connection.open()
    expect(
      a
        .connections()
        .map(({ user }) => user)
        .slice(-2),
    ).toEqual([a.user, 'nobody'])
    expect(b.forwards().at(-1)).toBe(`${a.host}:${a.port}`)
  })
})

describe('a chain of more than 16 hops', () => {
  const chain = Array.from({ length: 40 }, (_, i) => `h${i}`)

  test.each<[string, readonly string[]]>([
    ['in one list', ['Host h0', `ProxyJump ${chain.slice(1).join(',')}`]],
    ['each naming the next', chain.flatMap((host, i) => [`Host ${host}`, `  ProxyJump h${i + 1}`])],
  ])('%s is refused with its lines, and is no work', async (_, lines) => {
    expect(await refusal('h0', lines)).toMatchObject({
      code: 'ROUTE_TOO_LONG',
      message: expect.stringMatching(/h1 → h2.*~\/\.ssh\/config:2/),
    })
  })

  test('that grows with each look-up ends as well', async () => {
    const lines = ['Host *', '  HostName x%h', '  ProxyJump %n-1']
    expect(await refusal('a', lines)).toMatchObject({ code: 'ROUTE_TOO_LONG' })
  })
})
