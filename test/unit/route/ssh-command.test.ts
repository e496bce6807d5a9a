// The command line of ssh for a route, judged by the real ssh: -G, and sh for the quotes.

import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { quote } from '../../../src/exec/command.js'
import { Connection } from '../../../src/index.js'
import { resolve } from '../../../src/resolve.js'
import type { RouteOptions } from '../../../src/route/request.js'
import { type SshCommand, sshCommand } from '../../../src/route/ssh-command.js'
import { canary } from '../../support/canary.js'

async function commandFor(host: string, options: RouteOptions = {}): Promise<SshCommand> {
  return sshCommand(await resolve(host, { sshConfig: false, config: false, ...options }))
}

async function textFor(host: string, options: RouteOptions = {}): Promise<string> {
  return (await commandFor(host, options)).text
}

/** What the real ssh makes of a command line, which sh takes apart: by keyword, in lower case. */
function judged({ text }: Pick<SshCommand, 'text'>): ReadonlyMap<string, string> {
  const printed = execFileSync('sh', ['-c', text.replace(/^ssh /, 'ssh -G ')], {
    encoding: 'utf8',
    stdio: 'pipe',
  })
  const lines = printed.trimEnd().split('\n')
  return new Map(lines.map((line) => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1)]))
}

/** The words that sh makes of shell text. */
function inSh(text: string): readonly string[] {
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${text}`], { encoding: 'utf8' })
  return printed.split('\0').slice(0, -1)
}

describe('the gateways', () => {
  test.each([
    ['db', {}, 'ssh -F none db'],
    ['ops@db:2200', {}, 'ssh -F none -l ops -p 2200 db'],
    ['db', { proxyJump: 'u@a:2222,b' }, 'ssh -F none -J u@a:2222,b db'],
    [
      'db',
      { proxyJump: 'u@[2001:db8::1]:2222,2001:db8::2' },
      "ssh -F none -J 'u@[2001:db8::1]:2222,2001:db8::2' db",
    ],
    ['db', { proxyCommand: 'nc %h %p' }, "ssh -F none -o 'ProxyCommand=nc %h %p' db"],
    [
      'db',
      { gateway: { command: ['nc', '-X', '5 5', '%h', '100%%'] } },
      "ssh -F none -o 'ProxyCommand=nc -X '\"'\"'5 5'\"'\"' db 100%%' db",
    ],
    [
      'db',
      { hostName: '10.0.0.1', hostKeyAlias: 'x' },
      'ssh -F none -o HostName=10.0.0.1 -o HostKeyAlias=x db',
    ],
  ] as const)('to %s with %j', async (host, options, text) => {
    expect(await textFor(host, options)).toBe(text)
  })

  test('that have options of their own are ProxyCommands, each within the next', async () => {
    const outer = new Connection('ops@outer', {
      identityFile: ['~/.ssh/outer key'],
      sshConfig: false,
      config: false,
    })
    const inner = new Connection('inner', { gateway: outer, port: 2200, sshConfig: false, config: false })
    const command = await commandFor('db', { gateway: inner })
    const proxy = judged(command).get('proxycommand') ?? ''
    const words = inSh(
      proxy
        .replaceAll('%%', '\u0000')
        .replaceAll('%h', 'db')
        .replaceAll('%p', '22')
        .replaceAll('\u0000', '%'),
    )
    expect(words.slice(0, 3)).toEqual(['ssh', '-F', 'none'])
    expect(words.slice(-5)).toEqual(['-p', '2200', '-W', '[db]:22', 'inner'])
    const nested = words[4]?.replace('ProxyCommand=', '').replaceAll('%h', 'inner').replaceAll('%p', '2200')
    const ends = ['-l', 'ops', '-i', '~/.ssh/outer key', '-W', '[inner]:2200', 'outer']
    expect(inSh(nested ?? '')).toEqual(['ssh', '-F', 'none', ...ends])
  })
})

test.each(["it's", 'a\\', "\\'", '"', '\\"', 'a b', '$(id)', '`id`', '*', '#x', "''", 'a\\\\'])(
  'the word %j is one word for sh, in a ProxyCommand that ssh accepts, and in one within one',
  async (word) => {
    const given = { sshConfig: false, config: false } as const
    const outer = new Connection('outer', { ...given, gateway: { command: ['proxy', word] } })
    const inner = new Connection('inner', { ...given, gateway: outer })
    let proxy = judged(await commandFor('db', { gateway: inner })).get('proxycommand') ?? ''
    for (const host of ['inner', 'outer']) {
      const words = inSh(proxy.replaceAll('%%', '\u0000').replaceAll('%h', 'h').replaceAll('\u0000', '%'))
      expect(words.at(-1)).toBe(host)
      proxy = words.find((candidate) => candidate.startsWith('ProxyCommand='))?.slice(13) ?? ''
      expect(judged({ text: `ssh -F none -o ${quote(`ProxyCommand=${proxy}`)} x` }).get('proxycommand')).toBe(
        proxy,
      )
    }
    expect(inSh(proxy)).toEqual(['proxy', word])
  },
)

describe('the settings', () => {
  test('of the host are what the real ssh then has', async () => {
    const command = await commandFor('ops@db:2200', {
      hostName: 'db.internal',
      hostKeyAlias: 'db-1',
      identityFile: ['/keys/a b', '/keys/100%'],
      identitiesOnly: true,
      connectTimeoutMs: 1500,
      serverAliveIntervalMs: 20_000,
      ciphers: ['aes128-ctr', 'aes256-ctr'],
      userKnownHostsFile: ['/k/one', '/k/t w o'],
      setEnv: { A: 'b c', D: 'say "hi"' },
      sendEnv: ['LC_*', 'X'],
      strictHostKeyChecking: 'accept-new',
      compression: true,
      forwardAgent: true,
      addressFamily: 'inet6',
      requestTty: 'force',
      proxyJump: 'ops@a:2222,b',
    })
    const answers = Object.fromEntries(judged(command))
    expect(answers).toMatchObject({
      user: 'ops',
      port: '2200',
      hostname: 'db.internal',
      hostkeyalias: 'db-1',
      identitiesonly: 'yes',
      connecttimeout: '2',
      serveraliveinterval: '20',
      ciphers: 'aes128-ctr,aes256-ctr',
      stricthostkeychecking: 'accept-new',
      compression: 'yes',
      forwardagent: 'yes',
      addressfamily: 'inet6',
      requesttty: 'force',
      proxyjump: 'ops@a:2222,b',
    })
    expect(command.text).toContain("-i '/keys/a b' -o IdentityFile=/keys/100%%")
    expect(command.remarks).toEqual([])
  })

  test('no key at all is said as ssh says it', async () => {
    const command = await commandFor('db', { identityFile: ['none'] })
    expect(judged(command).get('identityfile')).toBe('none')
  })

  test('that only sessions have are not said of gateways, and neither is how their new keys are noted', async () => {
    const given = { sshConfig: false, config: false } as const
    const plain = {
      sendEnv: ['LANG'],
      setEnv: { A: 'b' },
      hashKnownHosts: true,
      remoteCommand: 'x',
      requestTty: 'yes',
    }
    const gateway = new Connection('gw', { ...given, ...plain, requestTty: 'yes' })
    expect(await textFor('db', { gateway })).toBe('ssh -F none -J gw db')
    expect(await textFor('db', { hashKnownHosts: true })).toBe('ssh -F none -o HashKnownHosts=yes db')
  })

  test('that ssh has anyway are left to it, whoever gave them', async () => {
    const same = {
      compression: false,
      forwardAgent: false,
      addressFamily: 'any',
      serverAliveCountMax: 3,
    } as const
    expect(await textFor('db', same)).toBe('ssh -F none db')
    expect(await textFor('db', { strictHostKeyChecking: 'yes' })).toBe(
      'ssh -F none -o StrictHostKeyChecking=yes db',
    )
  })

  test('that are defaults, of the library or of the program, are left to ssh', async () => {
    expect(await textFor('db', { defaults: { strictHostKeyChecking: 'ask' } })).toBe('ssh -F none db')
  })

  test('for which ssh has no word are remarked, and secrets are not in it', async () => {
    const secret = canary()
    const { text, remarks } = await commandFor('db', {
      password: secret,
      requireStrictKex: true,
      proxyCommand: `sshpass -p ${secret} nc %h %p`,
    })
    expect(`${text}${remarks.join()}`).not.toContain(secret)
    expect(remarks).toEqual([
      'db: password (option password) is not shown; ssh asks for it',
      'db: requireStrictKex (option requireStrictKex) has no word in ssh',
      'db: a part of the ProxyCommand is not shown; it goes where [secret] stands',
    ])
  })

  test('a dialer is remarked', async () => {
    const gateway = { dial: async () => Promise.reject(new Error('never called')) }
    expect((await commandFor('db', { gateway })).remarks).toEqual([
      'db: is reached through a dialer of the program, which ssh does not have',
    ])
  })
})

describe('what ssh would read in another way, or a terminal would obey', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of ssh_config.
  const home = '${HOME}'

  test.each([
    [
      'a quote that is not closed',
      { remoteCommand: "echo it's" },
      /remoteCommand .* quote that is not closed/,
    ],
    ['a quote of a ProxyCommand', { proxyCommand: 'nc %h "%p' }, /ProxyCommand .* quote that is not closed/],
    ['a variable of a file', { userKnownHostsFile: [`/x/${home}`] }, /userKnownHostsFile .* variable/],
    ['a variable of a key', { identityFile: [`/x/${home}`] }, /identityFile .* variable/],
    ['a variable of an agent', { identityAgent: '$HOME' }, /identityAgent .* variable/],
    ['an escape', { remoteCommand: 'echo \u001b[31m' }, /remoteCommand .* steer a terminal/],
    ['an escape of a variable', { setEnv: { A: '\u009b31m' } }, /setEnv .* steer a terminal/],
    ['a turn of the text', { hostKeyAlias: 'a\u202eb' }, /hostKeyAlias .* steer a terminal/],
    ['an escape of a ProxyCommand', { proxyCommand: 'nc %h %p \u0007' }, /ProxyCommand .* steer a terminal/],
  ])('%s is remarked and not said', async (_, options, remark) => {
    const { text, remarks } = await commandFor('db', options)
    expect(text).toBe('ssh -F none db')
    expect(remarks).toEqual([expect.stringMatching(remark)])
  })

  test.each([
    [
      'remotecommand',
      { remoteCommand: `echo 'it''s' "a" ${home} # it's` },
      `echo 'it''s' "a" ${home} # it's`,
    ],
    ['globalknownhostsfile', { globalKnownHostsFile: [`/x/%h${home}`] }, `/x/%h${home}`],
    ['bindaddress', { bindAddress: '%h' }, '%h'],
    ['setenv', { setEnv: { A: `${home}%h` } }, `A=${home}%h`],
  ])('in %s, what looks like it and is none is said as it is', async (keyword, options, value) => {
    const { text, remarks } = await commandFor('db', options)
    expect(remarks).toEqual([])
    expect(judged({ text }).get(keyword)).toBe(value)
  })
})
