import { chmodSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { createFileCache } from '../../../../../src/config/ssh-config/files/file-cache.js'
import { scratchDir } from '../../../../support/run-dir.js'

let path = ''
beforeEach(() => {
  path = join(scratchDir('file-cache'), 'config')
})

/** The clock of a file system stands still for some milliseconds; after that, a change shows. */
async function writeAndSettle(text: string): Promise<void> {
  writeFileSync(path, text, { mode: 0o600 })
  await pause(50)
}

const options = { label: '~/f', writers: 'only me' } as const

test('a file that has not changed is parsed once, for one after the other and for all at once', async () => {
  await writeAndSettle('Port 1\n')
  const cache = createFileCache({})
  const first = await cache.find(path, options)
  const others = await Promise.all(Array.from({ length: 50 }, () => cache.find(path, options)))
  expect(first?.label).toBe('~/f')
  expect(new Set([first, ...others]).size).toBe(1)
})

test('many who ask at the same time for a file that was just written share few readings', async () => {
  writeFileSync(path, 'Port 1\n', { mode: 0o600 })
  const cache = createFileCache({})
  const files = await Promise.all(Array.from({ length: 500 }, () => cache.find(path, options)))
  expect(new Set(files).size).toBeLessThan(20)
})

test.each([
  ['written over with as many bytes', () => writeFileSync(path, 'Port 2\n')],
  [
    'replaced by another of the same times',
    () => {
      writeFileSync(`${path}.new`, 'Port 2\n', { mode: 0o600 })
      utimesSync(`${path}.new`, 1, 1)
      renameSync(`${path}.new`, path)
    },
  ],
])('a file that was %s is seen anew', async (_, change) => {
  await writeAndSettle('Port 1\n')
  utimesSync(path, 1, 1)
  const cache = createFileCache({})
  await cache.find(path, options)
  change()
  const after = await cache.find(path, options)
  expect(after?.blocks[0]?.lines).toMatchObject([{ keyword: 'Port', words: ['2'] }])
})

test('a file is parsed again when a variable has changed that it names, and no other', async () => {
  await writeAndSettle(`LocalForward \${DIR}/a /b\n`)
  const env: Record<string, string> = {}
  const cache = createFileCache(env)
  const kinds = async () => (await cache.find(path, options))?.blocks[0]?.lines.map(({ kind }) => kind)
  expect(await kinds()).toEqual(['problem'])
  env['DIR'] = '/tmp'
  expect(await kinds()).toEqual(['directive'])
  const file = await cache.find(path, options)
  env['OTHER'] = '/tmp'
  expect(await cache.find(path, options)).toBe(file)
  delete env['DIR']
  expect(await kinds()).toEqual(['problem'])
})

test('changes that follow one another at once are all seen', async () => {
  const cache = createFileCache({})
  for (let port = 100; port < 150; port++) {
    writeFileSync(path, `Port ${port}\n`, { mode: 0o600 })
    const file = await cache.find(path, options)
    expect(file?.blocks[0]?.lines).toMatchObject([{ words: [String(port)] }])
  }
})

test('a file that goes is not found any more, and found again when it is back', async () => {
  const cache = createFileCache({})
  await writeAndSettle('Port 1\n')
  expect(await cache.find(path, options)).toBeDefined()
  rmSync(path)
  expect(await cache.find(path, options)).toBeUndefined()
  await writeAndSettle('Port 1\n')
  expect(await cache.find(path, options)).toBeDefined()
})

test('a failure is not kept', async () => {
  const cache = createFileCache({})
  writeFileSync(path, 'x'.repeat(5 * 2 ** 20), { mode: 0o600 })
  await expect(cache.find(path, options)).rejects.toThrow('~/f is larger than 4 MiB')
  await writeAndSettle('Port 1\n')
  expect(await cache.find(path, options)).toBeDefined()
})

test('who may have written it is asked at each question', async () => {
  const cache = createFileCache({})
  await writeAndSettle('Port 1\n')
  chmodSync(path, 0o666)
  expect(await cache.find(path, { ...options, writers: 'anyone' })).toBeDefined()
  await expect(cache.find(path, options)).rejects.toThrow('~/f can be written by others')
})
