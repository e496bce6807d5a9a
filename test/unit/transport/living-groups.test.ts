// How a program ends that has ProxyCommands running: seen from outside, with a program of its own.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { beforeAll, describe, expect, it } from 'vitest'
import { leakCheck } from '../../support/leak-check.js'
import { findStateOf } from '../../support/proc.js'
import { scratchDir } from '../../support/run-dir.js'

leakCheck()

let directory = ''
beforeAll(async () => {
  directory = scratchDir('living-groups')
  mkdirSync(directory, { recursive: true })
  await build({
    configFile: false,
    logLevel: 'error',
    build: { ssr: 'src/transport/command.ts', outDir: directory, emptyOutDir: false, minify: false },
  })
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
})

interface Program extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
  /** The first line that it wrote. */
  readonly line: Promise<string>
}

/** Runs a program in which `open(argv)` gives a link to a running command. */
function run(body: string, limits = ''): Program {
  const file = join(directory, `program-${Math.random().toString(36).slice(2)}.js`)
  writeFileSync(
    file,
    `import { openCommand } from './command.js'
    const hop = { index: 0, count: 1, user: 'me', host: 'gate', port: 22 }
    const open = (...argv) => openCommand({ command: { argv }, hop, signal: new AbortController().signal })
    const pidOf = (link) => Number(link.description.replace('process ', ''))
    ${body}`,
  )
  const child = spawn('/bin/sh', ['-c', `${limits} exec "$0" "$1"`, process.execPath, file])
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  return {
    child,
    ended,
    line: once(child.stdout, 'data').then(([data]) => String(data).split('\n')[0] ?? ''),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

const isDead = (pid: number): boolean => /^Z?$/.test(findStateOf(pid) ?? '')

// `sleep` does not read: the end of its input does not end it.
const opened = `const link = await open('sleep', '60'); console.log(pidOf(link))`

describe('a program that ends', () => {
  it.each([
    ['by process.exit', `${opened}; process.exit(3)`, { code: 3, signal: null }],
    [
      'by an error that nobody catches',
      `${opened}; setTimeout(() => { throw new Error('mine') })`,
      { code: 1, signal: null },
    ],
    ['because nothing is left to do', `${opened}; link.unref()`, { code: 0, signal: null }],
  ])('%s takes its commands with it', async (_, body, end) => {
    await using program = run(body)
    const pid = Number(await program.line)
    expect(await program.ended).toEqual(end)
    await expect.poll(() => isDead(pid), { timeout: 2000 }).toBe(true)
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'by %s takes them with it, and ends as without us',
    async (signal) => {
      await using program = run(opened)
      const pid = Number(await program.line)
      expect(isDead(pid)).toBe(false)
      program.child.kill(signal)
      expect(await program.ended).toEqual({ code: null, signal })
      await expect.poll(() => isDead(pid), { timeout: 2000 }).toBe(true)
    },
  )

  it('decides itself what a signal means when it listens for it', async () => {
    await using program =
      run(`process.once('SIGTERM', async () => { console.error('heard'); await link.close(); process.exitCode = 7 })
      ${opened}`)
    const pid = Number(await program.line)
    program.child.kill('SIGTERM')
    expect(await program.ended).toEqual({ code: 7, signal: null })
    expect(isDead(pid)).toBe(true)
  })

  it.each([
    ['version 4', `globalThis[Symbol.for('signal-exit emitter')] = { count: 1 }`],
    ['version 3', 'process.__signal_exit_emitter__ = { count: 1 }'],
  ])(
    'ends by Ctrl-C when only signal-exit (%s) listens too, which does its work first',
    async (_, counted) => {
      await using program = run(`${counted}
      import { writeSync } from 'node:fs'
      // Its rule: it is alone, so it goes, does its work and sends the signal again.
      const whenAlone = () => {
        if (process.listenerCount('SIGINT') !== 1) return
        process.off('SIGINT', whenAlone)
        writeSync(2, 'cleaned up')
        process.kill(process.pid, 'SIGINT')
      }
      process.on('SIGINT', whenAlone)
      ${opened}`)
      const pid = Number(await program.line)
      const cleanedUp = once(program.child.stderr, 'data')
      program.child.kill('SIGINT')
      expect(await program.ended).toEqual({ code: null, signal: 'SIGINT' })
      expect(String(await cleanedUp)).toBe('cleaned up')
      await expect.poll(() => isDead(pid), { timeout: 2000 }).toBe(true)
    },
  )

  it('ends by Ctrl-C when it has this library twice', async () => {
    await using program = run(`import { openCommand as openByCopy } from './command.js?copy'
      const signal = new AbortController().signal
      const other = await openByCopy({ command: { argv: ['sleep', '60'] }, hop, signal })
      const link = await open('sleep', '60'); console.log([pidOf(link), pidOf(other)].join())`)
    const pids = (await program.line).split(',').map(Number)
    expect(pids).toHaveLength(2)
    program.child.kill('SIGINT')
    expect(await program.ended).toEqual({ code: null, signal: 'SIGINT' })
    await expect.poll(() => pids.every(isDead), { timeout: 2000 }).toBe(true)
  })

  it('has no listeners of ours when no command is running', async () => {
    await using program = run(`
      const listeners = () => ['exit', 'SIGHUP', 'SIGINT', 'SIGTERM'].map((name) => process.listenerCount(name))
      const before = listeners()
      const count = () => listeners().map((number, i) => number - before[i]).join()
      const [a, b] = await Promise.all([open('cat'), open('cat')])
      const during = count()
      await a.close()
      const still = count()
      await b.close()
      console.log([during, still, count()].join(' '))`)
    expect(await program.line).toBe('1,1,1,1 1,1,1,1 0,0,0,0')
    await program.ended
  })
})

describe('a program without descriptors left', () => {
  it('gets a typed error for one command more, and its descriptors back when it closes the others', async () => {
    await using program = run(
      `import { readdirSync } from 'node:fs'
      const descriptors = () => readdirSync('/proc/self/fd').length
      const cycle = async () => {
        const links = []
        try {
          for (;;) links.push(await open('cat'))
        } catch (error) {
          await Promise.all(links.map((link) => link.close()))
          return [error.name, error.code, error.cause.code, links.length > 2].join(' ')
        }
      }
      const first = await cycle()
      const before = descriptors()
      const second = await cycle()
      console.log([first, second, descriptors() - before].join('; '))`,
      'ulimit -n 40;',
    )
    const failed = 'ProxyCommandError PROXY_COMMAND_FAILED EMFILE true'
    expect(await program.line).toBe(`${failed}; ${failed}; 0`)
    expect(await program.ended).toEqual({ code: 0, signal: null })
  })
})
