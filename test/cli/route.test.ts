// `sallyport route`: what it prints, and that the real ssh goes the same way by the command line that it gives.

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canary } from '../support/canary.js'
import { type Chain, startChain } from '../support/chain.js'
import { freePort } from '../support/sshd.js'
import { ownHome } from './own-home.js'
import { quietServer, sallyport } from './program.js'

const { home, env } = ownHome()

describe('a route', () => {
  it('is shown hop by hop, with the flags that settings are from, and nothing is connected to', async () => {
    const args = ['route', '-J', 'ops@gw.invalid:2222', '-p', '2200', '-i', '~/.ssh/key', 'db.invalid']
    const { stdout, stderr, exitCode } = await sallyport(args, { env })
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    expect(stdout.replace(/(?<=\S) +/g, ' ')).toMatch(
      new RegExp(
        [
          '^1 ops@gw\\.invalid:2222 directly',
          ' {3}user ops the user in the host',
          ' {3}port 2222 the port in the host',
          '2 \\S+@db\\.invalid:2200 through gw\\.invalid',
          ' {3}gateway gw\\.invalid -J',
          ' {3}port 2200 -p',
          ' {3}identityFile ~/\\.ssh/key -i\n$',
        ].join('\n'),
      ),
    )
  })

  it('is one JSON document with --json', async () => {
    const { stdout, stderr, exitCode } = await sallyport(
      ['route', '--json', '-J', 'gw', '-p', '2200', 'db'],
      { env },
    )
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      hops: [
        { host: 'gw', link: { kind: 'tcp' } },
        {
          host: 'db',
          port: 2200,
          link: { kind: 'channel', origin: { from: '-J' } },
          origins: { port: { from: '-p' } },
        },
      ],
      warnings: [],
    })
  })

  it('tells what is weak in it on standard error, and in the JSON', async () => {
    const { stdout, stderr } = await sallyport(['route', '--json', '-o', 'StrictHostKeyChecking=no', 'db'], {
      env,
    })
    expect(stderr).toMatch(
      /^sallyport: warning: db: any host key is accepted \(-o StrictHostKeyChecking\)\n$/,
    )
    const { warnings } = JSON.parse(stdout) as { readonly warnings: readonly string[] }
    expect(warnings).toEqual([expect.stringContaining('any host key is accepted')])
  })

  it('that cannot be is an error, and nothing is on standard output', async () => {
    const { stdout, stderr, exitCode } = await sallyport(['route', '--json', '-J', 'a,b,a', 'db'], { env })
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
    expect(stderr).toMatch(/^sallyport: error: .*a → b → a → db.*\n.*hint: /s)
  })

  it('is asked for in one form at a time', async () => {
    const { stderr, exitCode } = await sallyport(['route', '--json', '--ssh', 'db'], { env })
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--json and --ssh exclude each other')
  })
})

it.each([
  [['route']],
  [['route', '--json']],
  [['route', '--ssh']],
  [['check', '-vv']],
  [['check', '--json']],
  [['map', '--format', 'svg']],
  [['map', '--format', 'html']],
  [['map', '--format', 'mermaid']],
  [['map', '--format', 'json']],
])('%j shows no secret of the configuration, on success or failure', async ([command = '', ...flags]) => {
  const secret = canary()
  const settings = { password: secret, passphrase: secret, setEnv: { API_TOKEN: secret } }
  const port = await freePort('127.0.0.1')
  const own = home.write('own.json', JSON.stringify({ hosts: { '127.0.0.1': { ...settings, port } } }))
  const file = home.write(
    'with secrets',
    `Host x\n  ProxyCommand sshpass -p ${secret} nc %h %p\n  LocalCommand login --password ${secret}\n`,
  )
  for (const host of command === 'map' ? [[]] : [['127.0.0.1'], ['-o', 'ConnectTimeout=1', 'x']]) {
    const args = [command, ...flags, '-F', file, '--config', own, ...host]
    const trusting = { ...env, SALLYPORT_ALLOW_EXEC: 'yes' }
    const { stdout, stderr, exitCode } = await sallyport(args, { env: trusting })
    expect(exitCode).toBe(command === 'check' ? 255 : 0)
    expect(stdout).toContain(host.at(-1) ?? '127.0.0.1')
    expect(`${stdout}${stderr}`).not.toContain(secret)
  }
})

it.each([[], ['--json'], ['--ssh']])(
  'no character that steers a terminal is printed, with %j',
  async (...flags) => {
    const file = home.write(
      'steering',
      'Host h\n  RemoteCommand printf "\u001b[31m"\n  SetEnv A="\u009b31m\u0007\u202e\u007f"\n',
    )
    const { stdout, stderr, exitCode } = await sallyport(['route', ...flags, '-F', file, 'h'], { env })
    expect(exitCode).toBe(0)
    expect(stdout).toContain('h')
    expect(`${stdout}${stderr}`).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
  },
)

describe('the command line that --ssh gives', () => {
  let chain: Chain
  beforeAll(async () => {
    chain = await startChain(3, () => ({ config: quietServer(home.path) }))
    home.write('hosts', chain.knownHosts())
    home.write('a key', readFileSync(chain.at(2).userKeyFile, 'utf8'))
  })
  afterAll(() => chain[Symbol.asyncDispose]())

  /** Runs the line in sh, with a command at its end. */
  async function run(line: string, command: string): Promise<string> {
    const { stdout } = await promisify(execFile)('sh', ['-c', `${line} -n ${command}`], {
      env: { ...process.env, ...env },
    })
    return stdout
  }

  it('leads the real ssh to the host, with what was said of it', async () => {
    const { user, host, port } = chain.at(2)
    const flags = ['-i', `${home.path}/a key`, '-o', `UserKnownHostsFile=${home.path}/hosts`]
    const args = ['route', '--ssh', ...flags, '-o', 'BatchMode=yes', '-p', String(port), `${user}@${host}`]
    const { stdout, stderr, exitCode } = await sallyport(args, { env })
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    expect(await run(stdout.trimEnd(), "'echo there'")).toBe('there\n')
  })

  it('names gateways by -J', async () => {
    const { stdout } = await sallyport(['route', '--ssh', '-J', 'a@gw:2222,[::1]:22', '-l', 'b', 'db'], {
      env,
    })
    expect(stdout).toBe('ssh -F none -J a@gw:2222,::1 -l b db\n')
  })

  it('means the same to ssh as the file that the route is from', async () => {
    home.write('.ssh/id_ed25519', readFileSync(chain.at(0).userKeyFile, 'utf8'))
    const lines = [
      'Host t',
      '  HostName %h.internal',
      '  Port 2200',
      '  User ops',
      '  IdentityFile ~/.ssh/id_ed25519',
      '  IdentityAgent /run/100%%agent',
      '  IdentitiesOnly yes',
      '  AddressFamily inet',
      '  BindAddress 127.0.0.1',
      '  ConnectTimeout 1m',
      '  ConnectionAttempts 3',
      '  ServerAliveInterval 20',
      '  ServerAliveCountMax 7',
      '  TCPKeepAlive no',
      '  StrictHostKeyChecking accept-new',
      '  HostKeyAlias the-alias',
      '  UserKnownHostsFile /a/b "/c d/%%e"',
      '  GlobalKnownHostsFile none',
      '  HashKnownHosts yes',
      '  RevokedHostKeys none',
      '  KexAlgorithms curve25519-sha256,ecdh-sha2-nistp256',
      '  HostKeyAlgorithms ssh-ed25519,rsa-sha2-512',
      '  Ciphers aes128-ctr',
      '  MACs hmac-sha2-256',
      '  PubkeyAcceptedAlgorithms ssh-ed25519',
      '  PreferredAuthentications publickey,password',
      '  PubkeyAuthentication yes',
      '  PasswordAuthentication no',
      '  KbdInteractiveAuthentication no',
      '  NumberOfPasswordPrompts 1',
      '  BatchMode yes',
      '  ForwardAgent yes',
      '  Compression yes',
      '  SendEnv LANG LC_*',
      '  SetEnv A=b "C=d e" F="x\\"y"',
      '  RemoteCommand echo %h "100%%"',
      '  RequestTTY force',
      "  ProxyCommand nc -X 5 '%h' %p  # not a comment",
    ]
    const file = home.write('config of t', `${lines.join('\n')}\n`)
    const { stdout } = await sallyport(['route', '--no-config', '--ssh', '-F', file, 't'], { env })
    const inSh = async (command: string): Promise<readonly string[]> => {
      const { stdout: printed } = await promisify(execFile)('sh', ['-c', command], {
        env: { ...process.env, ...env },
      })
      return printed.split('\n').filter((line) => !line.startsWith('identityfile '))
    }
    expect(await inSh(stdout.replace(/^ssh /, 'ssh -G '))).toEqual(await inSh(`ssh -G -F '${file}' t`))
    expect(stdout).toContain(`-i ${home.path}/.ssh/id_ed25519 `)
  })

  it('says on standard error what it cannot say', async () => {
    const args = ['route', '--ssh', '-o', 'ProxyCommand=sshpass -p hunter2 nc %h %p', 'db']
    const { stdout, stderr, exitCode } = await sallyport(args, { env })
    expect(exitCode).toBe(0)
    expect(`${stdout}${stderr}`).not.toContain('hunter2')
    expect(stderr).toBe(
      'sallyport: warning: not in the command line: db: a part of the ProxyCommand is not shown; it goes where [secret] stands\n',
    )
  })
})
