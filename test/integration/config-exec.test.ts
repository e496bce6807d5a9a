// Match exec on the way to real servers: when its command runs, for whom, for how long, and who may forbid it.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  Connection,
  type ConnectionOptions,
  configuredHosts,
  type ExecRequest,
  resolve,
} from '../../src/index.js'
import { configHome } from '../support/config-home.js'
import { hostBlock, sshConfigFile } from '../support/config-hosts.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { allGone, findStateOf } from '../support/proc.js'
import { bundleLibrary, type StartProgram } from '../support/program.js'
import { scratchDir } from '../support/run-dir.js'
import { type Sshd, startSshd } from '../support/sshd.js'

leakCheck()

let sshd: Sshd
let gateway: Sshd
let start: StartProgram
beforeAll(async () => {
  ;[sshd, gateway] = await Promise.all([startSshd({ name: 'db' }), startSshd({ name: 'gateway' })])
  start = await bundleLibrary()
})
afterAll(() => Promise.all([sshd.stop(), gateway.stop()]))
afterEach(() => {
  vi.restoreAllMocks()
})

/** `db` and `gateway` as they are, after these lines. */
function fileWith(...lines: readonly string[]): string {
  const text = lines.map((line) => `${line}\n`).join('')
  return sshConfigFile(text, hostBlock('db', sshd), hostBlock('gateway', gateway))
}

const from = (sshConfig: string, options: ConnectionOptions = {}): Connection =>
  new Connection('db', { sshConfig, config: false, ...options })

const sentinel = (): string => join(scratchDir('exec'), 'sentinel')

/** A command that notes its pid and that of a child, and ends only when it is made to; and these pids. */
function endless(): { readonly command: string; readonly pids: () => Promise<readonly number[]> } {
  const file = sentinel()
  const read = () =>
    (existsSync(file) ? readFileSync(file, 'utf8') : '').match(/\d+(?=\n)/g)?.map(Number) ?? []
  return {
    command: `trap '' HUP; sleep 60 & echo $! > ${file}; echo $$ >> ${file}; wait; sleep 60`,
    async pids() {
      await vi.waitFor(() => expect(read()).toHaveLength(2), { timeout: 5000 })
      return read()
    },
  }
}

const areGone = (pids: readonly number[]): boolean => pids.every((pid) => /^Z?$/.test(findStateOf(pid) ?? ''))

describe('a command of Match exec', () => {
  test('decides which way a connection goes', async () => {
    for (const [command, passages] of [
      ['true', 1],
      ['false', 0],
      ['test %n = db', 1],
      ['exit 3', 0],
    ] as const) {
      const before = gateway.forwards().length
      await using db = from(fileWith(`Match originalhost db exec "${command}"`, '  ProxyJump gateway'))
      await db.run('true')
      expect(gateway.forwards().length - before).toBe(passages)
    }
  })

  test('is asked about each hop, with the names of that hop', async () => {
    const record = sentinel()
    await using db = from(
      fileWith(`Match exec "echo %n >> ${record}"`, 'Match originalhost db', '  ProxyJump gateway'),
    )
    await db.run('true')
    expect(readFileSync(record, 'utf8')).toBe('db\ngateway\n')
  })

  test('does not hold up the program while it runs', async () => {
    let turns = 0
    const ticking = setInterval(() => {
      turns += 1
    }, 5)
    try {
      await using db = from(fileWith('Match exec "sleep 0.4"'))
      await db.resolve()
      expect(turns).toBeGreaterThan(30)
    } finally {
      clearInterval(ticking)
    }
  })

  test('runs only where all criteria before it hold', async () => {
    const record = sentinel()
    const note = (name: string) => `exec "echo ${name} >> ${record}"`
    const lines = [
      `Match host other ${note('host')}`,
      `Match !host db ${note('not')}`,
      `Match originalhost db user nobody ${note('user')}`,
      `Match exec "false" ${note('after a failure')}`,
      `Match tagged some ${note('tag')}`,
      `Match host db,other ${note('yes')} ${note('and then')}`,
      `Match !exec "echo no >> ${record}" ${note('after a negation')}`,
    ]
    await using db = from(fileWith(...lines))
    await db.open()
    expect(readFileSync(record, 'utf8')).toBe('yes\nand then\nno\n')
  })

  test('of a part that is included by a block that does not apply never runs', async () => {
    const file = sentinel()
    const part = sshConfigFile(`Match exec "touch ${file}"\n  Port 1\n`)
    await using db = from(fileWith('Host other', `Include ${part}`))
    await db.open()
    expect(existsSync(file)).toBe(false)
  })

  test('that does not end is ended after its time limit, with all that it started, and its line is named', async () => {
    const { command, pids } = endless()
    // The limit of ten seconds, told fifty times faster.
    const { setTimeout: real } = globalThis
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((work: () => void, ms?: number, ...rest: []) =>
      real(work, ms === 10_000 ? 200 : ms, ...rest)) as typeof setTimeout)
    const file = fileWith(`Match exec "${command}"`)
    await using db = from(file)
    const error = await failureOf(db.open())
    expect(error).toMatchObject({ code: 'TIMEOUT', phase: 'resolve', origin: `${file}:1` })
    expect(areGone(await pids())).toBe(true)
  })

  test('ends with close(), with all that it started', async () => {
    const { command, pids } = endless()
    const db = from(fileWith(`Match exec "${command}"`))
    const opening = failureOf(db.open())
    const running = await pids()
    await db.close()
    expect(await opening).toMatchObject({ code: 'CLOSED' })
    expect(areGone(running)).toBe(true)
  })

  test('of a gateway ends with the abort of the call, and the next use asks again', async () => {
    const { command, pids } = endless()
    const allowed = sentinel()
    const file = fileWith(
      `Match originalhost gateway exec "test -e ${allowed} || { touch ${allowed}; ${command}; }"`,
      'Match originalhost db',
      '  ProxyJump gateway',
    )
    await using db = from(file)
    const controller = new AbortController()
    const opening = failureOf(db.open({ signal: controller.signal }))
    const running = await pids()
    controller.abort()
    expect(await opening).toMatchObject({ name: 'AbortError', phase: 'resolve' })
    await allGone(running)
    await db.run('true')
  })

  test('does not outlive the program', async () => {
    const { command, pids } = endless()
    const given = { sshConfig: fileWith(`Match exec "${command}"`) }
    const body = `
      new Connection('db', { ...given, config: false }).open().catch(() => {})
      process.stdin.once('data', () => process.exit(0))
    `
    await using program = start(body, { given })
    const running = await pids()
    program.child.stdin.write('go\n')
    expect(await program.ended).toMatchObject({ code: 0 })
    await allGone(running)
  })
})

describe('who may run commands', () => {
  const text = (file: string) => [`Match exec "touch ${file}"`, '  ServerAliveCountMax 9']

  test('are the files that ssh reads itself, and a file that was named', async () => {
    using home = configHome()
    const [one, other] = [sentinel(), sentinel()]
    home.write('.ssh/config', `${text(one).join('\n')}\n${hostBlock('db', sshd)}`)
    await using byDefault = new Connection('db')
    await byDefault.open()
    await using named = from(fileWith(...text(other)))
    await named.open()
    expect([existsSync(one), existsSync(other)]).toEqual([true, true])
  })

  test.each<[string, (file: string) => readonly string[]]>([
    ['Match exec', text],
    ['a ProxyCommand', (file) => ['Host db', `  ProxyCommand touch ${file}`]],
    [
      'the ProxyCommand of a gateway',
      (file) => ['Host db', 'ProxyJump gateway', 'Host gateway', `ProxyCommand touch ${file}`],
    ],
  ])('is decided by the caller: exec: deny refuses %s with its line', async (_, lines) => {
    const file = sentinel()
    const sshConfig = fileWith(...lines(file))
    const before = sshd.connections().length
    await using db = from(sshConfig, { exec: 'deny' })
    expect(await failureOf(db.open())).toMatchObject({
      code: 'EXEC_DENIED',
      origin: expect.stringMatching(new RegExp(`^${sshConfig}:[124]$`)),
    })
    expect(existsSync(file)).toBe(false)
    expect(sshd.connections()).toHaveLength(before)
  })

  test('can be decided one by one', async () => {
    const [good, bad] = [sentinel(), sentinel()]
    const sshConfig = fileWith(`Match exec "touch ${good}"`, `Match exec "touch ${bad}"`)
    const asked: ExecRequest[] = []
    const exec = async (request: ExecRequest): Promise<boolean> => asked.push(request) === 1
    await using db = from(sshConfig, { exec })
    expect(await failureOf(db.open())).toMatchObject({ code: 'EXEC_DENIED', origin: `${sshConfig}:2` })
    expect(asked).toEqual([
      { command: `touch ${good}`, origin: `${sshConfig}:1` },
      { command: `touch ${bad}`, origin: `${sshConfig}:2` },
    ])
    expect([existsSync(good), existsSync(bad)]).toEqual([true, false])
  })

  test('is nobody where a route is only shown, or hosts are only listed', async () => {
    const file = sentinel()
    const sshConfig = fileWith(...text(file), 'Host other', `  ProxyCommand touch ${file}`)
    const route = await resolve('db', { sshConfig, config: false, exec: 'skip' })
    expect(route.warnings).toContain(`${sshConfig}:1: Match exec was not run`)
    expect(route.hops[0]).toMatchObject({ port: sshd.port, settings: { serverAliveCountMax: 3 } })
    await resolve('other', { sshConfig, config: false, exec: 'skip' })
    expect(await configuredHosts({ sshConfig, config: false })).toEqual(['other', 'db', 'gateway'])
    expect(existsSync(file)).toBe(false)
  })

  test('is nobody for commands of ssh that have no meaning here', async () => {
    const file = sentinel()
    await using local = from(fileWith('Host db', 'PermitLocalCommand yes', `LocalCommand touch ${file}`))
    await local.run('true')
    await using known = from(fileWith('Host db', `KnownHostsCommand /usr/bin/touch ${file}`))
    expect(await failureOf(known.open())).toMatchObject({ code: 'UNSUPPORTED_OPTION' })
    expect(existsSync(file)).toBe(false)
  })
})
