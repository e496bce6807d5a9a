// The files of an embedded host, and OpenSSH's own sftp and scp: what is served is SFTP, not our reading of it.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createNetwork, type HostFiles, type Network } from '../../../src/testing/index.js'

const longAgo = new Date('2001-02-03T04:05:06Z')

let network: Network
let files: HostFiles
let directory: string
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sallyport-test-'))
  network = await createNetwork({
    hosts: {
      files: {
        listen: true,
        files: {
          'notes/today.txt': 'buy milk\n',
          'notes/old.txt': { content: 'bought milk\n', mode: 0o640, modifiedAt: longAgo },
          'notes/latest': { linkTo: 'today.txt' },
          '/etc/secret': { content: 'made up', mode: 0o000 },
          '/srv/locked': { type: 'directory', mode: 0o555 },
          '/srv/pipe': { type: 'fifo' },
        },
      },
      bare: { listen: true },
    },
  })
  files = network.host('files').files
})
afterEach(async () => {
  await network.close()
  rmSync(directory, { recursive: true })
})

interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function program(name: string, words: readonly string[], input = ''): Promise<Finished> {
  const child = spawn(name, ['-F', network.files.sshConfig, ...words], { stdio: 'pipe', cwd: directory })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** Runs the lines as a batch; each is echoed behind `sftp> ` in the output. */
const sftp = (lines: readonly string[], host = 'files'): Promise<Finished> =>
  program('sftp', ['-b', '-', `ops@${host}`], `${lines.join('\n')}\n`)

describe('sftp', () => {
  test('lists directories, long and short, with modes, sizes and links', async () => {
    const { stdout, stderr, code } = await sftp(['pwd', 'ls -1 notes', 'ls -ln notes'])
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    expect(stdout).toContain('Remote working directory: /home\n')
    expect(stdout).toContain('notes/latest\nnotes/old.txt\nnotes/today.txt\n')
    expect(stdout).toMatch(/^-rw-r----- .* 1000 +1000 +12 .* notes\/old\.txt$/m)
    expect(stdout).toMatch(/^lrwxrwxrwx .* notes\/latest$/m)
  })

  test('gets and puts files, with their modes and times, and through links', async () => {
    const big = Buffer.alloc(3 * 2 ** 20 + 5, 'abcdefg')
    writeFileSync(join(directory, 'big'), big, { mode: 0o751 })
    const done = await sftp([
      'get -p notes/old.txt',
      'get notes/latest',
      'put -p big copy',
      'get copy again',
      'put -f big synced',
    ])
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(statSync(join(directory, 'old.txt'))).toMatchObject({ mode: 0o100_640, mtime: longAgo })
    expect(readFileSync(join(directory, 'latest'), 'utf8')).toBe('buy milk\n')
    expect(readFileSync(join(directory, 'again')).equals(big)).toBe(true)
    expect(files.read('copy').equals(big)).toBe(true)
    expect(files.find('copy')).toMatchObject({ path: '/home/copy', type: 'file', mode: 0o751 })
    expect(files.read('synced').length).toBe(big.length)
  })

  test('makes, renames, links, changes and removes', async () => {
    const done = await sftp([
      'mkdir made',
      'rename notes/today.txt made/moved',
      'ln -s moved made/symbolic',
      'ln made/moved made/hard',
      'chmod 4711 made/moved',
      'rename notes/old.txt made/moved',
      'rm notes/latest',
      'rmdir notes',
    ])
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(files.find('notes')).toBeUndefined()
    expect(files.list('made').map(({ path, type, mode, target }) => [path, type, mode, target])).toEqual([
      ['/home/made/moved', 'file', 0o640, undefined],
      ['/home/made/symbolic', 'symlink', 0o777, 'moved'],
      ['/home/made/hard', 'file', 0o4711, undefined],
    ])
    expect(`${files.read('made/symbolic')}${files.read('made/hard')}`).toBe('bought milk\nbuy milk\n')
  })

  test.each([
    ['get nothing', /not found/],
    ['get /etc/secret', /Permission denied/],
    ['put here /srv/locked/there', /Permission denied/],
    ['mkdir notes', /Failure/],
    ['rmdir notes', /Failure/],
    ['ls /srv/locked/nothing', /not found/],
    ['ln notes notes2', /Permission denied/],
    ['cd notes/old.txt', /not a directory/],
  ])('fails as with sshd: %s', async (line, message) => {
    writeFileSync(join(directory, 'here'), 'here')
    const { code, stderr } = await sftp([line])
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) })
  })

  test('finds an empty home on a host that describes no files', async () => {
    const { stdout, code } = await sftp(['pwd', 'ls -la'], 'bare')
    expect(code).toBe(0)
    expect(stdout).toMatch(/working directory: \/home\n.*\n(?:.* \.\n)(?:.* \.\.\n)$/)
    expect(network.host('bare').log).toContainEqual(
      expect.objectContaining({ event: 'subsystem', user: 'ops', name: 'sftp' }),
    )
  })
})

test('scp copies trees both ways', async () => {
  expect(await program('scp', ['-rp', 'files:notes', 'copy'])).toMatchObject({ code: 0, stderr: '' })
  expect(readFileSync(join(directory, 'copy/today.txt'), 'utf8')).toBe('buy milk\n')
  expect(await program('scp', ['-rp', 'copy', 'bare:/var/backup/notes'])).toMatchObject({ code: 1 })
  expect(await program('scp', ['-rp', 'copy', 'bare:'])).toMatchObject({ code: 0, stderr: '' })
  const copied = network.host('bare').files
  expect(copied.list('copy').map(({ path }) => path)).toHaveLength(3)
  expect(copied.read('copy/old.txt').toString()).toBe('bought milk\n')
  expect(copied.find('copy/old.txt')).toMatchObject({ mode: 0o640, modifiedAt: longAgo })
})

describe('the faults of files', () => {
  const get = async (): Promise<Finished & { readonly isSame: boolean }> => {
    const big = Buffer.alloc(2 ** 20, 'abcdefg')
    files.write('big', big)
    const finished = await sftp(['get big'])
    const copy = join(directory, 'big')
    return { ...finished, isSame: existsSync(copy) && readFileSync(copy).equals(big) }
  }

  test('a refused subsystem is what a server without it answers', async () => {
    network.host('files').fault({ sftp: 'refuse' })
    expect(await sftp(['pwd'])).toMatchObject({
      code: 255,
      stderr: expect.stringMatching(/subsystem request failed/),
    })
  })

  test('a banner is taken for a packet', async () => {
    network.host('files').fault({ sftp: 'banner' })
    expect(await sftp(['pwd'])).toMatchObject({
      code: 255,
      stderr: expect.stringMatching(/message too long/),
    })
  })

  test.each([
    ['in another order', { replies: 'reordered' }],
    ['late', { replyDelayMs: 20 }],
    ['in small pieces', { readAtMostBytes: 5000 }],
    ['without extensions', { extensions: 'none' }],
  ] as const)('right data come %s', async (_, faults) => {
    network.host('files').fault({ files: faults })
    expect(await get()).toMatchObject({ code: 0, stderr: '', isSame: true })
  })

  test('a full disk takes no more', async () => {
    network.host('files').fault({ files: { diskBytes: 100_000 } })
    writeFileSync(join(directory, 'big'), Buffer.alloc(200_000))
    expect(await sftp(['put big'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/write remote "\/home\/big": Failure/),
    })
    expect(files.find('big')?.size).toBeLessThan(100_000)
  })
})

describe('a test', () => {
  test('writes, finds, lists and removes, whatever the permissions', () => {
    files.write('/srv/locked/new/file', { content: Uint8Array.of(1, 2), mode: 0o400 })
    expect(files.find('/srv/locked')).toMatchObject({ type: 'directory', mode: 0o555 })
    expect([...files.read('/srv/locked/new/file')]).toEqual([1, 2])
    expect(files.read('/etc/secret').toString()).toBe('made up')
    expect(files.list('/srv').map(({ path, type }) => `${path} ${type}`)).toEqual([
      '/srv/locked directory',
      '/srv/locked/new directory',
      '/srv/locked/new/file file',
      '/srv/pipe fifo',
    ])
    files.remove('/srv/locked')
    expect(files.find('/srv/locked/new')).toBeUndefined()
    expect(() => files.read('nothing')).toThrow('No such file or directory')
    expect(() => files.remove('nothing')).toThrow('nothing')
  })

  test.each([
    [{ '/etc/passwd': 'x', '/etc/passwd/x': 'y' }, 'Not a directory'],
    [{ '/': 'x' }, 'File exists'],
    [{ loop: { linkTo: 'loop' }, 'loop/x': 'y' }, 'Too many levels of symbolic links'],
  ])('cannot describe %j', async (described, reason) => {
    await expect(createNetwork({ hosts: { a: { listen: true, files: described } } })).rejects.toThrow(reason)
  })
})
