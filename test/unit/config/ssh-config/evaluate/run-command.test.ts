import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { type RunRequest, runCommand } from '../../../../../src/config/ssh-config/evaluate/run-command.js'
import { leakCheck } from '../../../../support/leak-check.js'
import { findStateOf } from '../../../../support/proc.js'
import { scratchDir } from '../../../../support/run-dir.js'

leakCheck()

let directory = ''
beforeAll(() => {
  directory = scratchDir('match-exec')
  mkdirSync(directory, { recursive: true })
})

const origin = '~/.ssh/config:7'
const run = (command: string, more: Partial<RunRequest> = {}) => runCommand({ command, origin, ...more })
const isGone = (pid: number): boolean => /^Z?$/.test(findStateOf(pid) ?? '')

function wait(): never {
  throw new Error('the command has not begun')
}

/** A file to which a command writes its pid, and the pid as soon as it is there. */
function begun(name: string): { readonly file: string; readonly pid: () => Promise<number> } {
  const file = join(directory, name)
  return {
    file,
    pid: () => vi.waitFor(() => Number(/^\d+\n$/.exec(readFileSync(file, 'utf8'))?.[0] ?? wait())),
  }
}

test.each([
  ['true', 0],
  ['false', 1],
  ['exit 7', 7],
  ['test 5 -gt 3 && test -n "$HOME"', 0],
  ['cat; read line', 1],
  ['no-such-command-at-all 2>/dev/null', 127],
])('the status of %j is %i', async (command, status) => {
  expect(await run(command)).toBe(status)
})

test('the shell of the environment runs it', async () => {
  const shell = join(directory, 'my shell')
  writeFileSync(shell, '#!/bin/sh\ntest "$1" = -c && test "$2" = "a b" && exit 42\n', { mode: 0o755 })
  expect(await run('a b', { env: { SHELL: shell } })).toBe(42)
  expect(await run('test "$0" = /bin/sh', { env: {} })).toBe(0)
  expect(await run('test "$0" = /bin/sh', { env: { SHELL: '' } })).toBe(0)
})

describe('a command that cannot be judged is an error of the line', () => {
  test.each([
    ['is ended by a signal', 'kill -9 $$', {}, /was ended by SIGKILL/],
    ['has no shell', 'true', { env: { SHELL: '/no/such/shell' } }, /could not be started: .*ENOENT/],
    ['has a NUL', 'true\0', {}, /could not be started/],
  ] as const)('when it %s', async (_, command, more, message) => {
    await expect(run(command, more)).rejects.toMatchObject({
      name: 'ConfigError',
      code: 'CONFIG_INVALID',
      origin,
      message: expect.stringMatching(message),
    })
  })
})

test('a command that takes too long is ended with all that it started', async () => {
  const { file, pid } = begun('slow')
  const result = run(`sh -c 'echo $$ >"$0"; exec sleep 60' "${file}" & wait`, { timeoutMs: 300 })
  result.catch(() => undefined)
  const started = await pid()
  expect(isGone(started)).toBe(false)
  await expect(result).rejects.toMatchObject({ name: 'ConfigError', code: 'TIMEOUT', origin })
  expect(isGone(started)).toBe(true)
})

test('what a command leaves behind is ended before its status counts', async () => {
  const { file, pid } = begun('left')
  expect(
    await run(`sh -c 'echo $$ >"$0"; exec sleep 60' "${file}" & while ! test -s "${file}"; do :; done`),
  ).toBe(0)
  expect(isGone(await pid())).toBe(true)
})

test('a caller who has lost interest ends the command', async () => {
  const { file, pid } = begun('aborted')
  const controller = new AbortController()
  const result = run(`echo $$ >"${file}"; exec sleep 60`, { signal: controller.signal })
  result.catch(() => undefined)
  const started = await pid()
  controller.abort(new Error('no more'))
  await expect(result).rejects.toMatchObject({ name: 'AbortError', cause: new Error('no more') })
  expect(isGone(started)).toBe(true)
})

test('a caller who had lost interest before starts nothing', async () => {
  const file = join(directory, 'never')
  await expect(run(`touch "${file}"`, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError',
  })
  expect(existsSync(file)).toBe(false)
})

test.each([
  ['x --password hunter2', { env: { SHELL: '/no/such/shell' } }],
  ['x --password hunter2 \0', {}],
  ['API_TOKEN=hunter2 kill -9 $$', {}],
])('no secret of %j is in the error', async (command, more) => {
  const error: unknown = await run(command, more).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(Error)
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2')
  expect(String(error)).toContain('[secret]')
})
