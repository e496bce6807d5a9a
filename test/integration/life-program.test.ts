// How programs end that have connections: killed, crashed or gone quietly, they leave no process behind; and one that
// has nothing left to do ends by itself, though it forgot to close.

import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ConnectionOptions } from '../../src/index.js'
import { leakCheck } from '../support/leak-check.js'
import { optionsFor } from '../support/link-up.js'
import { descendantsOf, findStateOf } from '../support/proc.js'
import { bundleLibrary, type Program, type StartProgram } from '../support/program.js'
import { type Sshd, startSshd } from '../support/sshd.js'

let outer: Sshd
let inner: Sshd
let start: StartProgram
beforeAll(async () => {
  start = await bundleLibrary()
  outer = await startSshd({ name: 'outer' })
  inner = await startSshd({ name: 'inner' })
})
afterAll(async () => {
  await Promise.all([outer.stop(), inner.stop()])
})

/** Three ways to the inner server, as the text of a program. */
const ways = {
  direct: 'const target = new Connection(given.inner.host, given.inner.options)',
  'a ProxyCommand':
    'const target = new Connection(given.inner.host, { ...given.inner.options, gateway: given.command })',
  'a gateway behind a ProxyCommand': `
    const gate = new Connection(given.outer.host, { ...given.outer.options, gateway: given.command })
    const target = new Connection(given.inner.host, { ...given.inner.options, gateway: gate })`,
  'a gateway': `
    const gate = new Connection(given.outer.host, given.outer.options)
    const target = new Connection(given.inner.host, { ...given.inner.options, gateway: gate })`,
} as const
type Way = keyof typeof ways
const wayNames = Object.keys(ways) as readonly Way[]

interface Place {
  readonly host: string
  readonly options: ConnectionOptions
}

/** Runs a program that has `target`. Its ProxyCommand has children of its own, and ends by nothing that it reads. */
function run(way: Way, body: string, options: Parameters<StartProgram>[1] = {}): Program {
  const place = (sshd: Sshd): Place => ({ host: sshd.host, options: optionsFor(sshd) })
  const given = { outer: place(outer), inner: place(inner), command: 'sh -c "nc %h %p; sleep 300"' }
  return start(`${ways[way]}\n${body}`, { given, ...options })
}

const isDead = (pid: number): boolean => /^Z?$/.test(findStateOf(pid) ?? '')

/** Within two seconds nothing of the program is left, nor on the servers. */
async function expectNothingLeft(pids: readonly number[]): Promise<void> {
  await vi.waitFor(() => expect(pids.filter((pid) => !isDead(pid))).toEqual([]), {
    timeout: 4000,
    interval: 20,
  })
  await vi.waitFor(() => expect([...outer.sessions(), ...inner.sessions()]).toEqual([]), { timeout: 4000 })
}

const working = "const running = target.run('echo up; sleep 300', { onStdout: () => console.log('up') })"
const endings = {
  'process.exit': {
    body: 'running.catch(() => {}); given.end = () => process.exit(3)',
    end: { code: 3, signal: null },
  },
  'an uncaught error': {
    body: "running.catch(() => {}); given.end = () => { throw new Error('of the user') }",
    end: { code: 1, signal: null },
  },
  SIGTERM: { body: 'given.end = () => {}', end: { code: null, signal: 'SIGTERM' } },
  SIGINT: { body: 'given.end = () => {}', end: { code: null, signal: 'SIGINT' } },
} as const

describe('a program that ends while a command runs', () => {
  leakCheck()

  test.each(
    (['a ProxyCommand', 'a gateway behind a ProxyCommand'] as const).flatMap((way) =>
      (Object.keys(endings) as (keyof typeof endings)[]).map((how) => [way, how] as const),
    ),
  )('through %s by %s leaves no process behind', async (way, how) => {
    const { body, end } = endings[how]
    await using program = run(way, `${working}\n${body}\nprocess.stdin.once('data', () => given.end())`)
    await program.stdout.waitFor(/^up$/, { timeoutMs: 15_000 })
    const pids = descendantsOf(program.pid)
    expect(pids.length).toBeGreaterThan(1)
    if (how === 'SIGTERM' || how === 'SIGINT') program.child.kill(how)
    else program.child.stdin.write('now')
    expect(await program.ended).toEqual(end)
    await expectNothingLeft(pids)
  })
})

describe('a program that forgets to close', () => {
  leakCheck()

  test.each(wayNames)(
    '%s ends by itself when nothing is left to do, and leaves nothing behind',
    async (way) => {
      await using program = run(way, "console.log((await target.run('echo did it')).stdout.trim())")
      await program.stdout.waitFor(/^did it$/, { timeoutMs: 15_000 })
      const pids = descendantsOf(program.pid)
      const began = performance.now()
      expect(await program.ended).toEqual({ code: 0, signal: null })
      expect(performance.now() - began).toBeLessThan(5000)
      expect(program.stderr.lines()).toEqual([])
      await expectNothingLeft(pids)
    },
  )

  test.each(wayNames)('%s stays alive while a command runs', async (way) => {
    await using program = run(
      way,
      "await target.open(); console.log((await target.run('sleep 1; echo late')).stdout.trim())",
    )
    await program.stdout.waitFor(/^late$/, { timeoutMs: 15_000 })
    expect(await program.ended).toEqual({ code: 0, signal: null })
  })

  test('is told once, in the debug output, which connection was dropped, and where it was made', async () => {
    await using program = run(
      'direct',
      `async function forget() {
        const forgotten = new Connection(given.outer.host, given.outer.options)
        await forgotten.open()
      }
      async function keep() {
        const kept = await connect(given.outer.host, given.outer.options)
        await kept.run('true')
        await kept.close()
      }
      await forget()
      await keep()
      for (let i = 0; i < 20; i++) { await new Promise((done) => setTimeout(done, 20)); gc() }
      await target.open()
      await target.close()`,
      { nodeArgs: ['--expose-gc'], env: { NODE_DEBUG: 'sallyport' } },
    )
    expect(await program.ended).toEqual({ code: 0, signal: null })
    const told = program.stderr.lines().filter(({ text }) => /dropped without close/.test(text))
    expect(told).toHaveLength(1)
    expect(told[0]?.text).toContain(outer.host)
    expect(told[0]?.text).toMatch(/made at forget \(.*program-\d+\.js:\d+:\d+\)/)
  })
})

describe('a program that listens for no error', () => {
  leakCheck()

  test.each(['a gateway', 'direct'] as const)(
    '(%s) survives the loss of all that it has open',
    async (way) => {
      await using program = run(
        way,
        `await target.open()
      await target.dial({ host: given.inner.host, port: given.inner.options.port })
      await target.spawn('echo unread; sleep 300')
      const waited = await target.spawn('sleep 300')
      const running = target.run('sleep 300')
      running.catch((error) => console.log(error.code))
      console.log('open')
      await new Promise((done) => process.stdin.once('data', done))
      waited.kill()
      await waited.close()
      await target.close()
      console.log('alive')
      process.exit()`,
        { nodeArgs: ['--unhandled-rejections=strict'] },
      )
      await program.stdout.waitFor(/^open$/, { timeoutMs: 15_000 })
      ;(way === 'direct' ? inner : outer).killSessions()
      await program.stdout.waitFor(/^CONNECTION_LOST$/)
      program.child.stdin.write('go on')
      expect(await program.ended).toEqual({ code: 0, signal: null })
      expect(program.stdout.lines().map(({ text }) => text)).toEqual(['open', 'CONNECTION_LOST', 'alive'])
      expect(program.stderr.lines()).toEqual([])
    },
  )
})

describe('a program that is put to sleep', () => {
  leakCheck()

  const watching = `
    const options = { ...given.inner.options, serverAliveIntervalMs: 200, serverAliveCountMax: 2 }
    const watched = new Connection(given.inner.host, options)
    await watched.open()
    void watched.closed.then(({ reason, error }) => console.log(reason, error?.code))
    console.log('open')
    process.stdin.once('data', async () => {
      console.log((await watched.run('echo awake')).stdout.trim())
      process.exit()
    })`

  test('finds its connections as they were when it wakes up', async () => {
    await using program = run('direct', watching)
    await program.stdout.waitFor(/^open$/, { timeoutMs: 15_000 })
    program.child.kill('SIGSTOP')
    await delay(2500)
    program.child.kill('SIGCONT')
    // Long enough for a verdict, had the sleep been counted as silence.
    await delay(1000)
    program.child.stdin.write('go on')
    await program.ended
    expect(program.stdout.lines().map(({ text }) => text)).toEqual(['open', 'awake'])
  })
})
