// Downloads from a real server: what goes where, and what is kept of it.

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../src/index.js'
import { type FilesHost, startFilesHost } from '../support/files-host.js'
import { leakCheck } from '../support/leak-check.js'
import { scratchDir } from '../support/run-dir.js'

let rig: FilesHost
let host: Connection
beforeAll(async () => {
  rig = await startFilesHost()
  host = rig.host
})
afterAll(() => rig[Symbol.asyncDispose]())

describe('a file that is got', () => {
  leakCheck()

  test('goes where Fabric would put it, and its directories are made', async () => {
    const { here, there } = rig.places()
    mkdirSync(join(there, 'logs'))
    mkdirSync(join(here, 'is-there'))
    const remote = join(there, 'logs/a.txt')
    writeFileSync(remote, 'content')
    const { user, port } = host
    const dirname = join(there, 'logs').slice(1)
    const table: readonly (readonly [string, string])[] = [
      ['b.txt', 'b.txt'],
      ['is-there', 'is-there/a.txt'],
      ['made/', 'made/a.txt'],
      ['made/too/c.txt', 'made/too/c.txt'],
      ['{host}/', `${host.host}/a.txt`],
      ['{user}@{host}:{port}-{basename}', `${user}@${host.host}:${port}-a.txt`],
      ['all/{dirname}/{basename}', `all/${dirname}/a.txt`],
      ['{basename}.{other}', 'a.txt.{other}'],
    ]
    for (const [local, expected] of table) {
      const result = await host.get(remote, join(here, local))
      expect(result).toMatchObject({
        host: host.host,
        local: join(here, expected),
        remote,
        files: 1,
        bytes: 7,
      })
      expect(readFileSync(join(here, expected), 'utf8')).toBe('content')
    }
    const before = process.cwd
    process.cwd = () => here
    try {
      expect((await host.get(remote)).local).toBe(join(here, 'a.txt'))
    } finally {
      process.cwd = before
    }
  })

  test.each([
    ['', undefined, { code: 'INVALID_OPTION' }],
    ['/nowhere/at all', undefined, { code: 'SFTP_NO_SUCH_FILE', path: '/nowhere/at all' }],
    ['/nowhere/*', undefined, { code: 'SFTP_NO_SUCH_FILE' }],
    ['/etc', '/tmp/x', { code: 'TRANSFER_FAILED', hint: expect.stringContaining('recursive') }],
    ['/dev/null', '/tmp/x', { code: 'TRANSFER_FAILED' }],
    ['~no-such-user/x', '/tmp/x', { code: 'SFTP_NO_SUCH_FILE' }],
    ['/etc/hostname', '/dev/null/x', { code: 'LOCAL_FILE_FAILED', cause: { code: 'EEXIST' } }],
    ['/etc/host*', '/nowhere', { code: 'TRANSFER_FAILED' }],
    ['/etc/host*', { as: 'bytes' as const }, { code: 'TRANSFER_FAILED' }],
    ['/etc/passwd', { as: 'bytes' as const, maxBytes: 10 }, { code: 'OUTPUT_LIMIT' }],
  ])('from %j to %j is refused', async (remote, local, error) => {
    await expect(host.get(remote, local as string)).rejects.toMatchObject(error)
  })

  test('keeps its permissions and times, but no setuid bit', async () => {
    const { here, there } = rig.places()
    const remote = join(there, 'a')
    writeFileSync(remote, 'new')
    execFileSync('chown', [rig.user.name, remote])
    chmodSync(remote, 0o4751)
    utimesSync(remote, 1_000_000_000, 1_111_111_111)
    writeFileSync(join(here, 'old'), 'old', { mode: 0o640 })
    symlinkSync('old', join(here, 'link'))
    await host.get(remote, join(here, 'link'))
    const stats = statSync(join(here, 'old'))
    expect([stats.mode & 0o7777, stats.mtimeMs, stats.atimeMs]).toEqual([0o751, 1_111_111_111_000, 1e12])
    expect(readlinkSync(join(here, 'link'))).toBe('old')
    await host.get(remote, join(here, 'fresh'), { preserveMode: false, preserveTimes: false })
    expect(statSync(join(here, 'fresh')).mode & 0o7777).toBe(0o751 & ~process.umask())
    expect(statSync(join(here, 'fresh')).mtimeMs).toBeGreaterThan(1.2e12)
  })

  test('takes the place of nothing but a file', async () => {
    const { here, there } = rig.places()
    execFileSync('mkfifo', [join(here, 'fifo')])
    symlinkSync('fifo', join(here, 'link'))
    mkdirSync(join(there, 'tree'))
    writeFileSync(join(there, 'tree/fifo'), 'new')
    const refused = { code: 'TRANSFER_FAILED', message: expect.stringContaining('fifo is in the place') }
    for (const name of ['fifo', 'link', '.']) {
      await expect(host.get(join(there, 'tree/fifo'), join(here, name))).rejects.toMatchObject(refused)
    }
    await expect(host.get(join(there, 'tree/*'), here)).rejects.toMatchObject(refused)
    expect(statSync(join(here, 'fifo')).isFIFO()).toBe(true)
    expect(readdirSync(here).sort()).toEqual(['fifo', 'link'])
  })

  test('can be bytes, or go into a stream; /proc has a size, too', async () => {
    const { there } = rig.places()
    const big = Buffer.alloc(3_000_001, 'abc')
    writeFileSync(join(there, 'big'), big)
    const result = await host.get(join(there, 'big'), { as: 'bytes' })
    expect(result.content.equals(big)).toBe(true)
    expect(result).toMatchObject({ local: undefined, bytes: 3_000_001 })
    const pieces: Buffer[] = []
    const slow = new Writable({
      highWaterMark: 1,
      write: (piece: Buffer, _encoding, done) => {
        pieces.push(piece)
        setImmediate(done)
      },
    })
    await host.get(join(there, 'big'), slow, { checksum: 'sha256' })
    expect([slow.writableFinished, Buffer.concat(pieces).equals(big)]).toEqual([true, true])
    const broken = new Writable({ write: (_piece, _encoding, done) => done(new RangeError('mine')) })
    await expect(host.get(join(there, 'big'), broken)).rejects.toThrow('mine')
    const { content } = await host.get('/proc/self/status', { as: 'bytes' })
    expect(content.toString()).toContain('Name:')
  })

  test('can be many by a pattern, each at a place of its own', async () => {
    const { here, there } = rig.places()
    for (const path of ['x/a.log', 'x/b.log', 'y/a.log', '.z/a.log']) {
      mkdirSync(join(there, path, '..'), { recursive: true })
      writeFileSync(join(there, path), path)
    }
    await host.get(`${there}/x/*.log`, here)
    expect(readdirSync(here).sort()).toEqual(['a.log', 'b.log'])
    const { files } = await host.get(`${there}/**/a.log`, join(here, '{dirname}/{basename}'))
    expect(files).toBe(2)
    expect(readFileSync(join(here, there, 'y/a.log'), 'utf8')).toBe('y/a.log')
  })

  test('has no place that another one has, too', async () => {
    const { here, there } = rig.places()
    for (const directory of [join(there, 'm'), join(here, 'm')]) {
      for (const name of ['a', 'b']) {
        mkdirSync(join(directory, name), { recursive: true })
        writeFileSync(join(directory, name, 'conf'), name)
      }
    }
    execFileSync('chown', ['-R', rig.user.name, there])
    const refused = {
      code: 'TRANSFER_FAILED',
      message: expect.stringMatching(/m\/a\/conf and .*m\/b\/conf would both become .*conf$/),
    }
    await expect(host.get(join(there, 'm/*/conf'), join(here, 'out/'))).rejects.toMatchObject(refused)
    await expect(host.put(join(here, 'm/*/conf'), there)).rejects.toMatchObject(refused)
    expect([readdirSync(here), readdirSync(there)]).toEqual([['m'], ['m']])
  })

  test('is as sparse as it likes: progress counts its bytes, and what grows is taken as it was', async () => {
    const { here, there } = rig.places()
    const file = join(there, 'sparse')
    execFileSync('truncate', ['-s', '20M', file])
    const seen: number[] = []
    const onProgress = ({ bytes, totalBytes }: { bytes: number; totalBytes: number | undefined }): void => {
      if (seen.length === 0) execFileSync('sh', ['-c', `echo more >> ${file}`])
      seen.push(bytes)
      expect(totalBytes).toBe(20 * 1024 * 1024)
    }
    await host.get(file, join(here, 'sparse'), { onProgress })
    expect(seen.at(-1)).toBe(20 * 1024 * 1024)
    expect(statSync(join(here, 'sparse')).size).toBe(20 * 1024 * 1024)
  })
})

describe('a directory that is got', () => {
  leakCheck()

  test('has its files, modes and times, and a list of what was left out', async () => {
    const { here, there } = rig.places()
    mkdirSync(join(there, 'site/deep/er'), { recursive: true })
    writeFileSync(join(there, 'site/index.html'), '<p>')
    writeFileSync(join(there, 'site/deep/er/x'), 'x')
    symlinkSync('index.html', join(there, 'site/link'))
    symlinkSync('..', join(there, 'site/deep/up'))
    symlinkSync('/etc/passwd', join(there, 'site/out'))
    execFileSync('mkfifo', [join(there, 'site/fifo')])
    chmodSync(join(there, 'site/deep'), 0o2555)
    utimesSync(join(there, 'site/deep'), 1e9, 1e9)
    const recursive = true
    const result = await host.get(join(there, 'site'), here, { recursive })
    expect(result).toMatchObject({ files: 2, directories: 3, local: join(here, 'site') })
    const deep = statSync(join(here, 'site/deep'))
    expect([deep.mode & 0o7777, deep.mtimeMs]).toEqual([0o555, 1e12])
    expect(
      result.skipped.map(({ path, reason }) => `${path.slice(there.length + 6)}: ${reason}`).sort(),
    ).toEqual(['deep/up: symbolic link', 'fifo: fifo', 'link: symbolic link', 'out: symbolic link'])
    await host.get(join(there, 'site'), join(here, 'copied'), { recursive, symlinks: 'copy' })
    await host.get(join(there, 'site'), join(here, 'copied'), { recursive, symlinks: 'copy' })
    expect(readlinkSync(join(here, 'copied/out'))).toBe('/etc/passwd')
    expect(readlinkSync(join(here, 'copied/deep/up'))).toBe('..')
    expect(statSync(join(here, 'copied/deep')).mtimeMs).toBe(1e12)
    const followed = await host.get(join(there, 'site'), join(here, 'followed'), {
      recursive,
      symlinks: 'follow',
    })
    expect(readFileSync(join(here, 'followed/link'), 'utf8')).toBe('<p>')
    expect(followed.skipped.map(({ reason }) => reason).sort()).toEqual([
      'fifo',
      'symbolic link that leads out of the directory',
      'symbolic link to a directory that it is in',
    ])
  })

  test('is not written through a symbolic link that is found below it', async () => {
    const { here, there } = rig.places()
    mkdirSync(join(there, 'site/dir'), { recursive: true })
    writeFileSync(join(there, 'site/dir/x'), 'x')
    writeFileSync(join(there, 'site/file'), 'new')
    mkdirSync(join(here, 'site'))
    const outside = scratchDir('outside')
    writeFileSync(join(outside, 'file'), 'old')
    symlinkSync(outside, join(here, 'site/dir'))
    await expect(host.get(join(there, 'site'), here, { recursive: true })).rejects.toMatchObject({
      code: 'UNSAFE_NAME',
    })
    expect(readdirSync(outside)).toEqual(['file'])
    execFileSync('rm', [join(here, 'site/dir')])
    execFileSync('ln', ['-sf', join(outside, 'file'), join(here, 'site/file')])
    await host.get(join(there, 'site'), here, { recursive: true })
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('old')
    expect(readFileSync(join(here, 'site/file'), 'utf8')).toBe('new')
  })
})
