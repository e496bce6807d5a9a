// What is sent for sudo, and what passes until the command has begun. Sudo is played here.

import { setImmediate as turn } from 'node:timers/promises'
import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Command } from '../../../src/exec/command.js'
import { type SudoOptions, sudo } from '../../../src/exec/sudo.js'
import { type FakeProcess, fakeHop } from './fake-session.js'

interface Played {
  readonly process: FakeProcess
  readonly sent: string
  readonly prompt: string
  readonly mark: string
  /** What has come to sudo since it was last asked. */
  readonly told: () => Promise<string>
}

/** Plays sudo, and gives what the call came to. */
async function play(
  command: Command,
  options: SudoOptions,
  script: (played: Played) => unknown,
): Promise<unknown> {
  const hop = fakeHop(async (process, { command: sent = '' }) => {
    const told = async (): Promise<string> => {
      for (let count = 0; count < 5; count++) await turn()
      return String(process.stdin.read() ?? '')
    }
    const [, head, tail] = sent.match(/-p '(.*?)%%(.*?)'/) ?? []
    const [, first, second] = sent.match(/printf %s%s '\\''(.*?)'\\'' '\\''(.*?)'\\''/) ?? []
    await script({ process, sent, prompt: `${head}%${tail}`, mark: `${first}${second}`, told })
  })
  const result = await sudo(hop.acquire, command, options).catch((error: unknown) => error)
  expect(hop.counts.leases).toBe(0)
  return result
}

afterEach(() => void vi.useRealTimers())

test.each<[string, Command, SudoOptions, RegExp]>([
  ['a list is what sudo runs', ['ls', '-l'], {}, /^sudo -n -H -- 'ls' '-l'$/],
  ['text goes by sh', 'ls; id', {}, /^sudo -n -H -- sh -c 'printf %s%s .* >&2\nls; id'$/],
  ['a list with a directory goes by sh', ['ls'], { cwd: '/x' }, /-- sh -c '.*\ncd .* \|\| exit\nexec .*ls/],
  [
    'a list with a password and an input goes by sh',
    ['ls'],
    { password: 'p', input: '' },
    /^sudo -S -p .*-- sh -c /,
  ],
  ['a list with a password does not', ['ls'], { password: 'p' }, /^sudo -S -p '~\w+%%~\w+' -H -- 'ls'$/],
  [
    'users, groups and variables are words',
    ['ls'],
    { user: "o'x", group: '#5', preserveEnv: ['A', 'B'] },
    /^sudo -n -H -u 'o'\\''x' -g '#5' --preserve-env=A,B -- 'ls'$/,
  ],
])('%s', async (_, command, options, expected) => {
  let sent = ''
  await play(command, options, ({ process, sent: text }) => {
    sent = text
    process.exit(0)
  })
  expect(sent).toMatch(expected)
})

describe('until the command has begun', () => {
  const options = { password: 'CANARY', input: 'mine' }

  test('the password goes out once, by the prompt alone, and the input waits for the mark', async () => {
    const result = await play('cat', options, async ({ process, prompt, mark, sent, told }) => {
      // A shell that shows its commands shows the halves.
      process.stderr.write(`+ ${sent}\nlecture\n`)
      expect(await told()).toBe('')
      process.stderr.write(prompt.slice(0, 9))
      process.stderr.write(prompt.slice(9))
      expect(await told()).toBe('CANARY\n')
      process.stderr.write('\n')
      expect(await told()).toBe('')
      process.stderr.write(`${mark}of the command ${prompt}`)
      expect(await told()).toBe('mine')
      process.exit(0)
    })
    expect(result).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^of the command ~/) })
  })

  test('a second prompt ends the call, and the input goes nowhere', async () => {
    const result = await play('cat', options, async ({ process, prompt, told }) => {
      process.stderr.write(prompt)
      expect(await told()).toBe('CANARY\n')
      process.stderr.write(`Sorry, try again.\n${prompt}`)
      expect(await told()).toBe('')
    })
    expect(result).toMatchObject({ code: 'SUDO_PASSWORD_REFUSED', stderr: 'Sorry, try again.\n' })
  })

  test('a refusal that says the password back does not show it, however long its line', async () => {
    for (const words of ['account for', 'x'.repeat(190)]) {
      const result = await play('cat', options, async ({ process, prompt, told }) => {
        process.stderr.write(prompt)
        await told()
        process.stderr.write(`sudo: ${words} CANARY is locked\n`)
        process.exit(1)
      })
      expect(result).toMatchObject({
        code: 'SUDO_REFUSED',
        message: expect.stringContaining(`sudo did not run the command: sudo: ${words.slice(0, 9)}`),
      })
      expect(inspect(result, { depth: 9 }) + JSON.stringify(result)).not.toMatch(/CAN/)
    }
  })

  test('a function gives the password, and what it gives is checked and not shown', async () => {
    for (const bad of ['CANARY\n', 'CANARY\u0003', 'x'.repeat(1024), 7 as unknown as string]) {
      const result = await play('cat', { password: () => bad }, ({ process, prompt }) =>
        process.stderr.write(prompt),
      )
      expect(result).toBeInstanceOf(TypeError)
      expect(String(result)).not.toContain('CANARY')
    }
  })

  test('a list that nobody asks a password for has the end of its input after half a minute', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let ended = false
    await play(['cat'], { password: 'p' }, async ({ process, told }) => {
      process.stdin.on('end', () => {
        ended = true
      })
      process.stdin.resume()
      await told()
      expect(ended).toBe(false)
      vi.advanceTimersByTime(30_000)
      await told()
      process.exit(0)
    })
    expect(ended).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })
})

test.each<object>([
  { user: '-x' },
  { user: '' },
  { user: 'a\nb' },
  { group: '-g' },
  { password: 'two\nlines' },
  { password: 7 },
  { preserveEnv: ['A=b'] },
  { preserveEnv: 'A' },
  { prompt: 'x' },
  { input: 'x', responders: [{ pattern: 'x', response: 'y' }] },
])('%j is refused before anything is opened', async (options) => {
  const { acquire, counts } = fakeHop()
  await expect(sudo(acquire, 'true', options)).rejects.toThrow(TypeError)
  expect(counts.acquired).toBe(0)
})
