import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { findFile, findStats, requireOwn } from '../../../../../src/config/ssh-config/files/read-file.js'
import { leakCheck } from '../../../../support/leak-check.js'
import { scratchDir } from '../../../../support/run-dir.js'

leakCheck()

let directory = ''
beforeAll(() => {
  directory = scratchDir('read-file')
})

function write(name: string, text: string, mode = 0o600): string {
  const path = join(directory, name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

const textOf = async (path: string) => (await findFile(path, '~/f'))?.text
const failure = (path: string) => findFile(path, '~/f').catch((error: unknown) => error)
const unusable = (message: string) =>
  expect.objectContaining({ code: 'CONFIG_UNUSABLE', origin: '~/f', message })

test('a file is read as it is', async () => {
  const text = `\ufeffHost é\r\nUser\0x${'y'.repeat(200_000)}`
  expect(await textOf(write('plain', text))).toBe(text)
})

test('a file that is missing is not found, nor is one below a file or behind a dangling link', async () => {
  symlinkSync('/nowhere', join(directory, 'dangling'))
  expect(await textOf(join(directory, 'missing'))).toBeUndefined()
  expect(await textOf(join(write('leaf', ''), 'below'))).toBeUndefined()
  expect(await textOf(join(directory, 'dangling'))).toBeUndefined()
})

test('a directory and the null device are empty files, as for ssh', async () => {
  expect(await textOf(directory)).toBe('')
  expect(await textOf('/dev/null')).toBe('')
})

describe('refused at once is', () => {
  test('a pipe', async () => {
    const path = join(directory, 'pipe')
    execFileSync('mkfifo', [path])
    expect(await failure(path)).toEqual(unusable('~/f is not a regular file'))
  })

  test('a device', async () => {
    expect(await failure('/dev/zero')).toEqual(unusable('~/f is not a regular file'))
  })

  test('a socket', async () => {
    const path = join(directory, 'socket')
    const server = createServer().listen(path)
    await new Promise((resolve) => server.once('listening', resolve))
    expect(await failure(path)).toEqual(unusable('~/f is not a regular file'))
    await new Promise((resolve) => server.close(resolve))
  })

  test('a file of 100 MiB', async () => {
    const path = write('large', '')
    truncateSync(path, 100 * 2 ** 20)
    expect(await failure(path)).toEqual(unusable('~/f is larger than 4 MiB'))
  })

  test('a name that leads round in circles', async () => {
    const path = join(directory, 'loop')
    symlinkSync('loop', path)
    expect(await failure(path)).toEqual(unusable('~/f cannot be read: too many symbolic links encountered'))
  })
})

describe('what others may have written', () => {
  const judge = async (path: string) => {
    const stats = await findStats(path, '~/f')
    if (stats === undefined) throw new Error('there is no file')
    return () => requireOwn(stats, '~/f')
  }

  test.each([0o600, 0o644, 0o755, 0o400])('mode %o is accepted', async (mode) => {
    expect(await judge(write('good', '', mode))).not.toThrow()
  })

  test.each([0o620, 0o602, 0o666, 0o777])('mode %o is refused', async (mode) => {
    expect(await judge(write('bad', '', mode))).toThrow(
      expect.objectContaining({
        code: 'CONFIG_UNUSABLE',
        message: '~/f can be written by others',
        hint: 'chmod go-w ~/f',
      }),
    )
  })

  test("root's file is accepted, and another user's is refused", async () => {
    const stats = await findStats(write('foreign', ''), '~/f')
    const ownedBy = (uid: bigint) =>
      Object.assign(Object.create(Object.getPrototypeOf(stats)), stats, { uid })
    const me = BigInt(process.getuid?.() ?? 0)
    expect(() => requireOwn(ownedBy(0n), '~/f')).not.toThrow()
    expect(() => requireOwn(ownedBy(me), '~/f')).not.toThrow()
    expect(() => requireOwn(ownedBy(me + 1n), '~/f')).toThrow('~/f belongs to another user')
  })

  test('a directory counts as well', async () => {
    const path = join(directory, 'shared')
    mkdirSync(path)
    chmodSync(path, 0o777)
    expect(await judge(path)).toThrow('~/f can be written by others')
  })
})
