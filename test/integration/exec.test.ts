// Commands and shells on a real sshd.

import { existsSync } from 'node:fs'
import { PassThrough, Readable, Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Connection } from '../../src/connection.js'
import { sh } from '../../src/exec/command.js'
import { type Chain, startChain } from '../support/chain.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionsThrough } from '../support/link-up.js'
import { createUnixUser, type UnixUser } from '../support/unix-user.js'

// sshd passes no signals on to the commands of root, so that the tests log in as somebody else when root runs them.
let user: UnixUser | undefined
let chain: Chain
beforeAll(async () => {
  user = process.getuid?.() === 0 ? await createUnixUser() : undefined
  chain = await startChain(1, () => ({ user: user?.name, config: ['LogLevel INFO'] }))
})
afterAll(async () => {
  await chain[Symbol.asyncDispose]()
  await user?.[Symbol.asyncDispose]()
})

/** A connection of its own for each test, so that one that is killed is nobody else's. */
async function withHost(use: (host: Connection) => Promise<void>): Promise<void> {
  const connections = connectionsThrough(chain)
  const [host] = connections
  if (!(host instanceof Connection)) throw new Error('no host')
  try {
    await use(host)
  } finally {
    await closeAll(connections)
  }
}

/** When a process of this machine, on which the server runs, has ended. */
const gone = (pid: string): Promise<void> =>
  vi.waitFor(() => expect(existsSync(`/proc/${pid.trim()}`)).toBe(false), { timeout: 5000 })

describe('a command on a real server', () => {
  leakCheck()

  test('that has ended is told so to whoever writes to it, and keeps nobody waiting', () =>
    withHost(async (host) => {
      await using child = await host.spawn('exit 3')
      await new Promise((resolve) => child.stdin.once('finish', resolve))
      const late = await new Promise((resolve) => child.stdin.write('late', resolve))
      expect(late).toMatchObject({ code: 'EPIPE' })
      expect((await child.wait()).exitCode).toBe(3)
    }))

  test('gets its directory, its variables and its words exactly', () =>
    withHost(async (host) => {
      const value = `it's "$HOME" \`id\`\n\\ é😀`
      const { stdout } = await host.run(sh`printf '%s|%s|%s' "$PWD" "$VALUE" ${value}`, {
        cwd: '/usr/bin',
        env: { VALUE: value },
      })
      expect(stdout).toBe(`/usr/bin|${value}|${value}`)
    }))

  test('has its own end: a status after EOF, stderr after stdout, a signal, none of its input read', () =>
    withHost(async (host) => {
      await expect(host.run('exec >&-; sleep 0.1; echo late >&2; exit 5')).rejects.toMatchObject({
        exitCode: 5,
        stderr: 'late\n',
      })
      await expect(host.run('kill -SEGV $$')).rejects.toMatchObject({ exitCode: null, signal: 'SIGSEGV' })
      const endless = Readable.from(
        (async function* () {
          for (;;) yield Buffer.alloc(65_536)
        })(),
      )
      expect(await host.run('true', { input: endless })).toMatchObject({ exitCode: 0 })
      expect(await host.run('wc -c', { input: Buffer.alloc(5_000_000) })).toMatchObject({
        stdout: '5000000\n',
      })
    }))

  test.each([undefined, new PassThrough()])('that takes too long is ended there as well', (input) =>
    withHost(async (host) => {
      const error = await host.run('echo $$; sleep 300', { timeoutMs: 500, input }).catch((error) => error)
      expect(error).toMatchObject({ code: 'COMMAND_TIMEOUT', stdout: expect.stringMatching(/^\d+\n$/) })
      await gone(error.stdout)
    }),
  )

  test('rejects with what it said when its session is lost', () =>
    withHost(async (host) => {
      await expect(host.run('echo so far; sleep 0.2; kill -9 $PPID; sleep 9')).rejects.toMatchObject({
        name: 'CommandError',
        code: 'CONNECTION_LOST',
        stdout: 'so far\n',
        hop: { host: expect.any(String) },
      })
    }))

  test('that is aborted rejects at once', () =>
    withHost(async (host) => {
      const controller = new AbortController()
      const onStdout = (): void => controller.abort()
      const began = performance.now()
      await expect(
        host.run('echo x; sleep 300', { signal: controller.signal, onStdout }),
      ).rejects.toMatchObject({ code: 'ABORT_ERR' })
      expect(performance.now() - began).toBeLessThan(2000)
    }))

  test('that reads nothing holds back its input', () =>
    withHost(async (host) => {
      await using child = await host.spawn('sleep 300')
      let written = 0
      while (written < 64 * 1024 * 1024 && child.stdin.write(Buffer.alloc(65_536))) written += 65_536
      expect(written).toBeLessThan(16 * 1024 * 1024)
      expect(child.stdin.writableNeedDrain).toBe(true)
    }))

  test('gives its lines one by one, and waits while they are not read', () =>
    withHost(async (host) => {
      await using child = await host.spawn('seq 1 1000000; echo done >&2')
      let count = 0
      for await (const line of child) {
        count += 1
        if (line !== String(count)) throw new Error(`line ${count} is ${line}`)
      }
      expect(count).toBe(1_000_000)
      expect(await child.wait()).toMatchObject({ exitCode: 0 })
    }))
})

describe('a shell on a real server', () => {
  leakCheck()

  test('has a terminal of the right size, which follows', () =>
    withHost(async (host) => {
      const stdin = new PassThrough()
      let screen = ''
      const stdout = Object.assign(
        new Writable({
          write(chunk, _, done) {
            screen += chunk
            done()
          },
        }),
        { columns: 97, rows: 31 },
      )
      const ended = host.shell({ stdin, stdout, command: 'stty size; read x; stty size; exit 7' })
      await vi.waitFor(() => expect(screen).toContain('31 97'), { timeout: 5000 })
      Object.assign(stdout, { columns: 50 }).emit('resize')
      stdin.write('\r')
      expect(await ended).toMatchObject({ exitCode: 7 })
      expect(screen).toContain('31 50')
    }))

  test('ends with its login shell', () =>
    withHost(async (host) => {
      const stdin = new PassThrough()
      const stdout = new PassThrough().resume()
      stdin.write('exit 4\r')
      expect(await host.shell({ stdin, stdout })).toMatchObject({ exitCode: 4 })
    }))
})
