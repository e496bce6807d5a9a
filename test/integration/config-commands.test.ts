// ProxyCommand and what a session gets, from ssh_config alone, on real servers: which of the ways to a host counts, what
// its tokens stand for, and which variables, commands and terminals the host is asked for.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Connection, type ConnectionOptions } from '../../src/index.js'
import { type Chain, startChain } from '../support/chain.js'
import { configHome } from '../support/config-home.js'
import { hostBlock, sshConfigFile } from '../support/config-hosts.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { scratchDir } from '../support/run-dir.js'
import { warningsOf } from '../support/warnings.js'

leakCheck()

/** g0 leads to g1, and g1 to db, which takes variables. */
let chain: Chain
beforeAll(async () => {
  chain = await startChain(3, (index) => (index === 2 ? { config: ['AcceptEnv SPT_*'] } : {}))
})
afterAll(() => chain[Symbol.asyncDispose]())

const names = ['g0', 'g1', 'db']

/** A file that knows all three; `lines` are what else is said about each. */
function configured(lines: Readonly<Record<string, readonly string[]>>, start = ''): string {
  return sshConfigFile(
    start,
    ...names.map((name, at) => hostBlock(name, chain.at(at), ...(lines[name] ?? []))),
  )
}

const from = (sshConfig: string, options: ConnectionOptions = {}): Connection =>
  new Connection('db', { sshConfig, config: false, ...options })

/** How many times each gateway was passed on the way to `db`. */
async function passagesTo(db: Connection): Promise<readonly number[]> {
  const before = chain.passages()
  await db.run('true')
  return chain.passages().map((count, index) => count - (before[index] ?? 0))
}

describe('a ProxyCommand', () => {
  test('gets the real host and its port, user and names', async () => {
    const record = join(scratchDir('tokens'), 'tokens')
    const { host, port, user } = chain.at(2)
    const command = `ProxyCommand sh -c 'echo "$*" > ${record}; exec nc %h %p' sh %h %p %r %n %k 100%%`
    await using db = from(configured({ db: [command, 'HostKeyAlias the-database'] }), {
      userKnownHostsFile: [sshConfigFile(`the-database ${chain.at(2).hostKeys[0]?.publicLine}\n`)],
    })
    expect(await passagesTo(db)).toEqual([0, 0])
    expect(readFileSync(record, 'utf8')).toBe(`${host} ${port} ${user} db the-database 100%\n`)
  })

  test('can be an ssh that reads the same file, and so goes on through the gateways of the gateway', async () => {
    const sshConfig = configured({ g1: ['ProxyJump g0'] })
    const file = configured({
      db: [`ProxyCommand ssh -F ${sshConfig} -o BatchMode=yes -W %h:%p g1`],
      g1: ['ProxyCommand false'],
    })
    await using db = from(file)
    expect(await passagesTo(db)).toEqual([1, 1])
  })

  test('of the first gateway of a list counts, and those of later ones do not', async () => {
    const file = configured({
      db: ['ProxyJump g0,g1'],
      g0: ['ProxyCommand nc %h %p'],
      g1: ['ProxyCommand false'],
    })
    await using db = from(file)
    expect(await passagesTo(db)).toEqual([1, 1])
    expect((await db.resolve()).hops.map(({ link }) => link.kind)).toEqual(['command', 'channel', 'channel'])
  })
})

describe('of ProxyJump and ProxyCommand', () => {
  // The lines, what ssh -G says of them, how db is reached, and how many times g0 and g1 are passed then.
  const rows: readonly (readonly [readonly string[], string, string, readonly number[]])[] = [
    [['ProxyJump g0,g1', 'ProxyCommand false'], 'proxyjump g0,g1', 'channel', [1, 1]],
    [['ProxyJump g0,g1', 'ProxyCommand none'], 'proxyjump g0,g1', 'channel', [1, 1]],
    [['ProxyCommand nc %h %p', 'ProxyJump nowhere.invalid'], 'proxycommand nc %h %p', 'command', [0, 0]],
    [['ProxyCommand none', 'ProxyJump nowhere.invalid'], '', 'tcp', [0, 0]],
    [['ProxyJump none', 'ProxyCommand nc %h %p'], 'proxycommand nc %h %p', 'command', [0, 0]],
    [['ProxyJump none', 'ProxyJump nowhere.invalid'], '', 'tcp', [0, 0]],
  ]

  test.each(rows)('the one counts that ssh -G names: %j', async (lines, said, kind, passages) => {
    const file = configured({ db: lines })
    const printed = execFileSync('ssh', ['-G', '-F', file, 'db'], { encoding: 'utf8' }).split('\n')
    expect(printed.filter((line) => /^proxy(jump|command) /.test(line)).join()).toBe(said)
    await using db = from(file)
    expect(await passagesTo(db)).toEqual(passages)
    expect((await db.resolve()).hops.at(-1)?.link.kind).toBe(kind)
  })

  test.each<[string, ConnectionOptions, readonly number[]]>([
    ['gateway: false', { gateway: false }, [0, 0]],
    ['proxyJump', { proxyJump: 'g1' }, [0, 1]],
    ['proxyJump: none', { proxyJump: 'none' }, [0, 0]],
    ['proxyCommand', { proxyCommand: 'nc %h %p' }, [0, 0]],
    ['a directive', { sshOptions: ['ProxyJump=g1'] }, [0, 1]],
  ])('the one of the caller beats both: %s', async (_, options, passages) => {
    for (const line of ['ProxyJump nowhere.invalid', 'ProxyCommand false']) {
      await using db = from(configured({ db: [line] }), options)
      expect(await passagesTo(db)).toEqual(passages)
    }
  })

  test('the one that lost is told in the warnings', async () => {
    const file = configured({ db: ['ProxyJump g1', 'ProxyCommand false'] })
    await using db = from(file)
    await db.open()
    expect((await db.resolve()).warnings).toContainEqual(
      expect.stringMatching(/config:\d+: ProxyJump stands before the ProxyCommand of .*config:\d+/),
    )
  })
})

describe('a session', () => {
  test('has the variables of SendEnv and SetEnv that the server takes, through a gateway too', async () => {
    using _home = configHome({ SPT_SENT: 'of here', SPT_ALSO: 'no', OTHER: 'no' })
    const variables = [
      'SendEnv SPT_SENT SPT_ALSO OTHER',
      'SendEnv -SPT_AL*',
      'SetEnv SPT_SET="two words" SPT_MORE=2',
    ]
    await using db = from(configured({ db: ['ProxyJump g0,g1', ...variables] }))
    const { stdout } = await db.run('env | grep -E "^(SPT_|OTHER)" | sort')
    expect(stdout).toBe('SPT_MORE=2\nSPT_SENT=of here\nSPT_SET=two words\n')
  })

  test('of a shell runs the RemoteCommand, its tokens expanded, on a terminal where RequestTTY wants one', async () => {
    const command = 'RemoteCommand tty; echo on %n as %r'
    for (const [wanted, tty] of [
      ['force', /^\/dev\/pts\/\d+\r\n/m],
      ['no', /^not a tty\n/m],
    ] as const) {
      await using db = from(configured({ db: ['ProxyJump g1', command, `RequestTTY ${wanted}`] }))
      const [stdin, stdout] = [new PassThrough(), new PassThrough()]
      const read = text(stdout)
      expect(await db.shell({ stdin, stdout })).toMatchObject({ exitCode: 0 })
      stdout.end()
      expect(await read).toMatch(tty)
      expect(await read).toContain(`on db as ${chain.at(2).user}`)
      expect(await failureOf(db.run('true'))).toMatchObject({
        code: 'INVALID_OPTION',
        origin: 'remoteCommand',
      })
    }
  })

  test('of a gateway gets nothing of that: what is said of the host is for the host', async () => {
    const asked = (index: number): number =>
      chain
        .at(index)
        .log.lines()
        .filter(({ text: line }) => /request (pty-req|env|exec)/.test(line)).length
    const before = [asked(1), asked(2)]
    const lines = ['ProxyJump g1', 'SetEnv SPT_X=1', 'RequestTTY force']
    await using db = from(configured({ db: lines }))
    await db.run('true')
    expect([asked(1), asked(2)]).toEqual([before[0], (before[1] ?? 0) + 3])
  })
})

test('what ssh_config says that has no effect here stops nothing', async () => {
  const lines = ['ControlMaster auto', 'ControlPath ~/.ssh/%C', 'ControlPersist 10m', 'VisualHostKey yes']
  await using db = from(configured({ db: lines }))
  await warningsOf(() => db.open())
  expect((await db.resolve()).hops[0]?.unused.map(({ keyword }) => keyword)).toEqual(
    expect.arrayContaining(['ControlMaster', 'ControlPath', 'ControlPersist', 'VisualHostKey']),
  )
})
