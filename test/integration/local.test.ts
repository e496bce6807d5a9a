// Commands on this machine.

import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { sh } from '../../src/exec/command.js'
import { local } from '../../src/exec/local.js'
import { leakCheck } from '../support/leak-check.js'
import { findStateOf } from '../support/proc.js'

leakCheck()

/** Whether a process of this machine is there and no zombie that its init has yet to reap. */
const lives = (pid: string): boolean => existsSync(`/proc/${pid}`) && findStateOf(Number(pid)) !== 'Z'

describe('a command on this machine', () => {
  test('has the result of a remote one', async () => {
    const result = await local(sh`printf %s ${`it's`} | tr s S; echo no >&2`)
    expect(result).toEqual({
      command: `printf %s 'it'\\''s' | tr s S; echo no >&2`,
      host: 'localhost',
      stdout: `it'S`,
      stderr: 'no\n',
      exitCode: 0,
      signal: null,
      durationMs: expect.any(Number),
    })
    expect(Object.isFrozen(result)).toBe(true)
  })

  test('is a program with its words, without a shell', async () => {
    const words = ['printf', '%s|', '$HOME', 'a b', "it's", '*']
    expect((await local(words)).stdout).toBe(`$HOME|a b|it's|*|`)
  })

  test('gets its directory, its variables beside those of this process, and its input', async () => {
    const options = { cwd: '/usr/bin', env: { VALUE: `é "'` }, input: Readable.from(['x', 'y']) }
    const { stdout } = await local('pwd; echo "$VALUE"; [ -n "$PATH" ] && cat', options)
    expect(stdout).toBe(`/usr/bin\né "'\nxy`)
    expect((await local('cat')).stdout).toBe('')
  })

  test('fails as a remote one does', async () => {
    await expect(local('echo a; echo b >&2; exit 3')).rejects.toMatchObject({
      name: 'CommandError',
      code: 'COMMAND_FAILED',
      message: 'the command exited with status 3: b',
      hop: undefined,
      host: 'localhost',
      stdout: 'a\n',
      exitCode: 3,
    })
    await expect(local('kill -SEGV $$')).rejects.toMatchObject({ exitCode: null, signal: 'SIGSEGV' })
    expect(await local('exit 3', { okExitCodes: [3] })).toMatchObject({ exitCode: 3 })
  })

  test.each([[['/no/such/program']], [['true', 'x'.repeat(3_000_000)]]])(
    'that cannot be started has failed',
    (command) =>
      expect(local(command)).rejects.toMatchObject({
        name: 'CommandError',
        code: 'COMMAND_FAILED',
        exitCode: null,
      }),
  )

  test('is ended with all that it started, before the call rejects', async () => {
    const controller = new AbortController()
    const heard: string[] = []
    const onStdout = (text: string): void => {
      heard.push(...text.trim().split('\n'))
      if (heard.length === 2) controller.abort()
    }
    const command = 'sleep 300 & echo $!; echo $$; wait'
    const first = (said: string): readonly string[] => said.split('\n').slice(0, 2)
    const cases = [
      [() => local(command, { onStdout, signal: controller.signal }), 'ABORT_ERR', () => heard],
      [() => local(command, { timeoutMs: 1000 }), 'COMMAND_TIMEOUT', first],
      [() => local(command.replace('wait', 'yes'), { maxOutputBytes: 100 }), 'OUTPUT_LIMIT', first],
    ] as const
    for (const [call, code, pids] of cases) {
      const error = await call().catch((error: unknown) => error)
      expect(error).toMatchObject({ code })
      const found = pids(String((error as { stdout?: unknown }).stdout ?? ''))
      expect(found).toHaveLength(2)
      for (const pid of found) expect(lives(pid)).toBe(false)
    }
  })

  test('that is aborted already is not started', async () => {
    await expect(local('exit 1', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORT_ERR',
    })
  })

  test('may leave something in the background that has other streams', async () => {
    const { stdout } = await local('sleep 300 </dev/null >/dev/null 2>&1 & echo $!')
    expect(lives(stdout.trim())).toBe(true)
    process.kill(Number(stdout), 'SIGKILL')
  })

  test('is heard live, and answered', async () => {
    const heard: string[] = []
    const { stdout } = await local('printf "Name? "; read name; echo "hello $name"', {
      onStdout: (text) => heard.push(text),
      responders: [{ pattern: 'Name? ', response: 'you\n' }],
    })
    expect(stdout).toBe('Name? hello you\n')
    expect(heard.join('')).toBe(stdout)
  })

  test.each(['pty', 'encoding', 'user'])('has no option %s', (name) =>
    expect(local('true', { [name]: true })).rejects.toThrow(TypeError),
  )

  test.each<object>([{ cwd: '' }, { env: { 'a b': 'c' } }])('is not started with %j', (options) =>
    expect(local('true', options)).rejects.toMatchObject({ code: 'INVALID_OPTION' }),
  )
})
