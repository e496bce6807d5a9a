import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findHostLines } from '../../../src/hostkeys/known-hosts.js'
import { isRecordableName, type NewEntry, recordHostKey } from '../../../src/hostkeys/record.js'
import type { OfferedHostKey } from '../../../src/wire/wire.js'
import { leakCheck } from '../../support/leak-check.js'
import { ed25519Key, keyText } from './sample-keys.js'

const key = ed25519Key()
const { signal } = new AbortController()
leakCheck()

let directory: string
let file: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'record-'))
  file = join(directory, 'known_hosts')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true })
})

function entry(more: Partial<NewEntry> = {}, offered: OfferedHostKey = key): NewEntry {
  return { name: 'db.internal', key: offered, hashed: false, besideOthers: 'leave', ...more }
}

test('a new file is readable by its owner only, and has one line', async () => {
  expect(await recordHostKey(file, entry(), { signal })).toEqual([])
  expect(await readFile(file, 'utf8')).toBe(`db.internal ${keyText(key)}\n`)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(directory)).toEqual(['known_hosts'])
})

test('a last line without its end is not glued to the new one', async () => {
  await writeFile(file, 'web ssh-ed25519 AAAA')
  await recordHostKey(file, entry(), { signal })
  expect(await readFile(file, 'utf8')).toBe(`web ssh-ed25519 AAAA\ndb.internal ${keyText(key)}\n`)
})

test('the mode of a file that is there stays', async () => {
  await writeFile(file, '', { mode: 0o640 })
  await recordHostKey(file, entry(), { signal })
  expect((await stat(file)).mode & 0o777).toBe(0o640)
})

test('a key that is there already is not added again, hashed or not', async () => {
  await recordHostKey(file, entry({ hashed: true }), { signal })
  await recordHostKey(file, entry(), { signal })
  expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(2)
})

test('another key that is there by now is reported and the file left alone', async () => {
  const other = ed25519Key()
  await recordHostKey(file, entry({}, other), { signal })
  const before = await readFile(file, 'utf8')
  const others = await recordHostKey(file, entry(), { signal })
  expect(others.map((known) => [known.fingerprint, known.file, known.line])).toEqual([
    [other.fingerprint, file, 1],
  ])
  expect(await readFile(file, 'utf8')).toBe(before)
  expect(await recordHostKey(file, entry({ besideOthers: 'add' }), { signal })).toEqual([])
  expect(await readFile(file, 'utf8')).toBe(`${before}db.internal ${keyText(key)}\n`)
})

test('a hashed line does not have the name anywhere, and is found again', async () => {
  await recordHostKey(file, entry({ hashed: true }), { signal })
  const content = await readFile(file, 'utf8')
  expect(content).not.toContain('db')
  expect(findHostLines(content, 'db.internal')).toHaveLength(1)
})

test('two hundred at once leave one line', async () => {
  await Promise.all(Array.from({ length: 200 }, () => recordHostKey(file, entry(), { signal })))
  expect(await readFile(file, 'utf8')).toBe(`db.internal ${keyText(key)}\n`)
  expect(await readdir(directory)).toEqual(['known_hosts'])
})

test('two hundred different hosts at once leave two hundred whole lines', async () => {
  const names = Array.from({ length: 200 }, (_, index) => `host-${index}`)
  await Promise.all(names.map((name) => recordHostKey(file, entry({ name }), { signal })))
  const content = await readFile(file, 'utf8')
  expect(names.filter((name) => findHostLines(content, name)[0]?.key === undefined)).toEqual([])
  expect(content.split('\n')).toHaveLength(201)
})

test('another process that holds the lock is waited for', async () => {
  await writeFile(`${file}.lock`, '')
  const recorded = recordHostKey(file, entry(), { signal })
  const first = await Promise.race([recorded, new Promise((resolve) => setTimeout(resolve, 200, 'waits'))])
  expect(first).toBe('waits')
  await writeFile(file, `db.internal ${keyText(key)}\n`)
  await rm(`${file}.lock`)
  await recorded
  expect(await readFile(file, 'utf8')).toBe(`db.internal ${keyText(key)}\n`)
})

test('the lock of a crashed process is removed', async () => {
  await writeFile(`${file}.lock`, '')
  await recordHostKey(file, entry(), { signal })
  expect(await readdir(directory)).toEqual(['known_hosts'])
})

test('waiting for a lock ends with the signal, and leaves the lock to its holder', async () => {
  await writeFile(`${file}.lock`, '')
  const controller = new AbortController()
  const recorded = recordHostKey(file, entry(), { signal: controller.signal })
  controller.abort()
  await expect(recorded).rejects.toThrow()
  expect(await readdir(directory)).toEqual(['known_hosts.lock'])
})

test('through a link the file it leads to is written; a dangling link creates nothing', async () => {
  await writeFile(join(directory, 'real'), '')
  await symlink('real', file)
  await recordHostKey(file, entry(), { signal })
  expect(await readFile(join(directory, 'real'), 'utf8')).toContain(keyText(key))

  const dangling = join(directory, 'dangling')
  await symlink(join(directory, 'nowhere'), dangling)
  await expect(recordHostKey(dangling, entry(), { signal })).rejects.toThrow('ENOENT')
  expect((await readdir(directory)).sort()).toEqual(['dangling', 'known_hosts', 'real'])
})

test('the null device takes the key and keeps nothing', async () => {
  await symlink('/dev/null', file)
  expect(await recordHostKey('/dev/null', entry(), { signal })).toEqual([])
  expect(await recordHostKey(file, entry(), { signal })).toEqual([])
  expect(await readdir(directory)).toEqual(['known_hosts'])
})

test('a directory, a full device and a missing directory are errors that create nothing', async () => {
  await mkdir(file)
  await expect(recordHostKey(file, entry(), { signal })).rejects.toThrow('EISDIR')
  await expect(recordHostKey('/dev/full', entry(), { signal })).rejects.toThrow('regular file')
  await expect(recordHostKey(join(directory, 'no', 'file'), entry(), { signal })).rejects.toThrow('ENOENT')
  expect(await readdir(directory)).toEqual(['known_hosts'])
})

test('a read-only file in a read-only directory is an error, and stays as it is', async () => {
  await writeFile(file, 'web ssh-ed25519 AAAA\n', { mode: 0o444 })
  await chmod(directory, 0o555)
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    await expect(recordHostKey(file, entry(), { signal })).rejects.toThrow('EACCES')
  } finally {
    if (isRoot) process.seteuid?.(0)
    await chmod(directory, 0o755)
  }
  expect(await readFile(file, 'utf8')).toBe('web ssh-ed25519 AAAA\n')
})

// Needs root, who alone can mount a disk that is small enough to be filled.
test('a full disk is an error, and what was recorded stays', async () => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', directory])
  try {
    const before = `web ${keyText(ed25519Key())}\n`.repeat(45)
    await writeFile(file, before)
    await writeFile(join(directory, 'filler'), Buffer.alloc(1 << 16)).catch(() => undefined)
    const names = Array.from({ length: 45 }, (_, index) => `host-${index}`)
    const recorded = await Promise.allSettled(
      names.map((name) => recordHostKey(file, entry({ name }), { signal })),
    )
    expect(recorded.at(-1)).toMatchObject({ status: 'rejected' })
    const content = await readFile(file, 'utf8')
    expect(content.startsWith(before)).toBe(true)
    const found = names.filter((name) => findHostLines(content, name)[0]?.key !== undefined)
    expect(found).toEqual(names.filter((_, index) => recorded[index]?.status === 'fulfilled'))
  } finally {
    execFileSync('umount', [directory])
  }
})

test('a missing ~/.ssh is made for its owner only, and no other directory ever', async () => {
  vi.stubEnv('HOME', directory)
  await recordHostKey(join(directory, '.ssh', 'known_hosts'), entry(), { signal })
  expect((await stat(join(directory, '.ssh'))).mode & 0o777).toBe(0o700)
  await expect(
    recordHostKey(join(directory, '.ssh', 'deeper', 'file'), entry(), { signal }),
  ).rejects.toThrow()
})

test('names that would mean something else in known_hosts are not recordable', () => {
  expect(
    ['db', 'db.internal', '[db]:2222', '2001:db8::1', '[fe80::1%eth0]:22', 'my_alias'].filter(
      isRecordableName,
    ),
  ).toHaveLength(6)
  expect(
    [
      '',
      'a b',
      'a,b',
      '*',
      'a?',
      '!a',
      '@a',
      '#a',
      '|1|x',
      '[a',
      '[a]:x',
      'a\nb',
      'a\u0000',
      '[a,b]:22',
      "a'",
    ].filter(isRecordableName),
  ).toEqual([])
})
