// Uploads to a real server: what goes where, and what is kept of it.

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
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
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../src/index.js'
import { type FilesHost, startFilesHost } from '../support/files-host.js'
import { leakCheck } from '../support/leak-check.js'

let rig: FilesHost
let host: Connection
beforeAll(async () => {
  rig = await startFilesHost()
  host = rig.host
})
afterAll(() => rig[Symbol.asyncDispose]())

describe('a file that is put', () => {
  leakCheck()

  test('goes where Fabric would put it', async () => {
    const { here, there } = rig.places()
    const file = join(here, 'a.txt')
    writeFileSync(file, 'content')
    const table: readonly (readonly [string | undefined, string])[] = [
      [undefined, join(rig.user.home, 'a.txt')],
      ['', join(rig.user.home, 'a.txt')],
      ['renamed', join(rig.user.home, 'renamed')],
      ['~/in-home', join(rig.user.home, 'in-home')],
      ['~', join(rig.user.home, 'a.txt')],
      [`~${rig.user.name}/of-mine`, join(rig.user.home, 'of-mine')],
      [there, join(there, 'a.txt')],
      [`${there}/`, join(there, 'a.txt')],
      [join(there, 'b.txt'), join(there, 'b.txt')],
      [join(there, '{user}-{host}-{other}'), join(there, `${rig.user.name}-${host.host}-{other}`)],
    ]
    for (const [remote, expected] of table) {
      const result = await host.put(file, remote)
      expect(readFileSync(expected, 'utf8')).toBe('content')
      expect(result).toMatchObject({ host: host.host, local: file, files: 1, bytes: 7, skipped: [] })
      expect(join(rig.user.home, result.remote).endsWith(expected) || result.remote === expected).toBe(true)
      execFileSync('rm', [expected])
    }
    expect(readdirSync(there)).toEqual([])
  })

  test.each([
    ['', undefined, { code: 'INVALID_OPTION' }],
    ['a\0b', undefined, { code: 'INVALID_OPTION' }],
    ['/nowhere/at all', undefined, { code: 'LOCAL_FILE_FAILED', cause: { code: 'ENOENT' } }],
    ['/nowhere/*.txt', undefined, { code: 'LOCAL_FILE_FAILED', cause: { code: 'ENOENT' } }],
    ['/etc', undefined, { code: 'TRANSFER_FAILED', hint: expect.stringContaining('recursive') }],
    ['/dev/null', undefined, { code: 'TRANSFER_FAILED' }],
    ['/etc/hostname', '~no-such-user/x', { code: 'SFTP_NO_SUCH_FILE' }],
    ['/etc/hostname', 'no-such-directory/', { code: 'SFTP_NO_SUCH_FILE' }],
    ['/etc/hostname', 'no-such-directory/x', { code: 'SFTP_NO_SUCH_FILE' }],
    ['/etc/hostname', '/x', { code: 'SFTP_PERMISSION_DENIED', path: '/x' }],
    [Buffer.from('x'), undefined, { code: 'INVALID_OPTION' }],
    [Buffer.from('x'), '.', { code: 'TRANSFER_FAILED' }],
  ])('from %j to %j is refused', async (local, remote, error) => {
    await expect(host.put(local, remote)).rejects.toMatchObject(error)
    expect(readdirSync(rig.user.home).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  test('keeps its permissions and times, but no setuid bit, and takes the place of a link’s file', async () => {
    const { here, there } = rig.places()
    const file = join(here, 'a')
    writeFileSync(file, 'new')
    chmodSync(file, 0o4751)
    utimesSync(file, 1_000_000_000, 1_111_111_111)
    writeFileSync(join(there, 'old'), 'old', { mode: 0o640 })
    symlinkSync('old', join(there, 'link'))
    execFileSync('chown', ['-R', rig.user.name, there])
    await host.put(file, join(there, 'link'))
    const stats = statSync(join(there, 'old'))
    expect([stats.mode & 0o7777, stats.mtimeMs, stats.atimeMs]).toEqual([0o751, 1_111_111_111_000, 1e12])
    expect(readlinkSync(join(there, 'link'))).toBe('old')
    const plain = { preserveMode: false, preserveTimes: false }
    await host.put(file, join(there, 'fresh'), plain)
    const umask = (await host.run('umask')).stdout
    expect(statSync(join(there, 'fresh')).mode & 0o7777).toBe(0o751 & ~Number.parseInt(umask, 8))
    chmodSync(join(there, 'old'), 0o600)
    await host.put(file, join(there, 'old'), plain)
    expect(statSync(join(there, 'old')).mode & 0o7777).toBe(0o600)
  })

  test('takes the place of nothing but a file, and an end slash is for directories', async () => {
    const { here, there } = rig.places({ plain: 'plain' })
    execFileSync('mkfifo', [join(there, 'fifo')])
    symlinkSync('fifo', join(there, 'link'))
    mkdirSync(join(here, 'tree'))
    writeFileSync(join(here, 'tree/fifo'), 'new')
    writeFileSync(join(here, 'fifo'), 'new')
    const refused = { code: 'TRANSFER_FAILED', message: expect.stringContaining('fifo is in the place') }
    for (const name of ['fifo', 'link', '.']) {
      await expect(host.put(join(here, 'fifo'), join(there, name))).rejects.toMatchObject(refused)
    }
    await expect(host.put(join(here, 'tree/*'), there)).rejects.toMatchObject(refused)
    await expect(host.put(join(here, 'fifo'), join(there, 'plain/'))).rejects.toMatchObject({
      code: 'TRANSFER_FAILED',
      message: expect.stringContaining('plain/ is no directory'),
    })
    expect(statSync(join(there, 'fifo')).isFIFO()).toBe(true)
    expect(readdirSync(there).sort()).toEqual(['fifo', 'link', 'plain'])
    expect(readFileSync(join(there, 'plain'), 'utf8')).toBe('plain')
  })

  test('can be bytes, a stream, or pieces of text; a stream has a name of its own', async () => {
    const { here, there } = rig.places()
    const big = Buffer.alloc(3_000_001, 'abc')
    await host.put(big, join(there, 'bytes'))
    expect(readFileSync(join(there, 'bytes')).equals(big)).toBe(true)
    const pieces = (async function* () {
      for (let index = 0; index < 1000; index++) yield `${index}\n`
    })()
    await host.put(pieces, join(there, 'text'))
    expect(readFileSync(join(there, 'text'), 'utf8').split('\n')).toHaveLength(1001)
    await host.put(Buffer.alloc(0), join(there, 'empty'))
    expect(statSync(join(there, 'empty')).size).toBe(0)
    writeFileSync(join(here, 'streamed'), big)
    const { createReadStream } = await import('node:fs')
    const stream = createReadStream(join(here, 'streamed'))
    expect(await host.put(stream, there)).toMatchObject({ local: undefined, bytes: 3_000_001 })
    expect(stream.destroyed).toBe(true)
    expect(readFileSync(join(there, 'streamed')).equals(big)).toBe(true)
    const broken = Readable.from(
      (async function* () {
        yield 'x'
        throw new RangeError('mine')
      })(),
    )
    await expect(host.put(broken, join(there, 'text'))).rejects.toThrow('mine')
    expect(readFileSync(join(there, 'text'), 'utf8')).toMatch(/^0\n1\n/)
    expect(readdirSync(there).sort()).toEqual(['bytes', 'empty', 'streamed', 'text'])
  })

  test('can be many by a pattern, which is a name when there is a file of that name', async () => {
    const { here, there } = rig.places()
    for (const name of ['a.txt', 'b.txt', 'c.bin', '.hidden.txt', '[x].txt'])
      writeFileSync(join(here, name), name)
    await host.put(join(here, '[x].txt'), there)
    expect(readdirSync(there)).toEqual(['[x].txt'])
    expect(await host.put(`${here}/{a,c}.*`, there)).toMatchObject({ files: 2, local: here, remote: there })
    expect(readdirSync(there).sort()).toEqual(['[x].txt', 'a.txt', 'c.bin'])
    await expect(host.put(`${here}/*.txt`, join(there, 'new'))).rejects.toMatchObject({
      code: 'TRANSFER_FAILED',
    })
  })

  test('is found by its checksum where commands and files begin in different directories', async () => {
    const { gateway } = rig // its server has sftp begin in the directory of the rig
    const { remote } = await gateway.put(Buffer.from('sum'), 'summed', { checksum: 'sha256' })
    await using sftp = await gateway.sftp()
    expect(await sftp.readFile('summed')).toEqual(Buffer.from('sum'))
    await sftp.unlink('summed')
    expect(remote).toMatch(/summed$/)
  })

  test('is compared by its checksum when that is asked for', async () => {
    const { here, there } = rig.places()
    writeFileSync(join(here, 'a'), Buffer.alloc(700_000, 'x'))
    await host.put(join(here, 'a'), join(there, "-it's\n a \\name"), { checksum: 'sha256' })
    expect(readdirSync(there)).toEqual(["-it's\n a \\name"])
  })

  test('tells its progress, and stops when the listener throws', async () => {
    const { there } = rig.places()
    const told: unknown[] = []
    await host.put(Buffer.alloc(1000), join(there, 'a'), { onProgress: (progress) => told.push(progress) })
    expect(told.at(0)).toMatchObject({ bytes: 0, totalBytes: 1000, all: { totalBytes: 1000, files: 0 } })
    expect(told.at(-1)).toMatchObject({ bytes: 1000, all: { bytes: 1000, files: 1 } })
    const onProgress = (): void => {
      throw new RangeError('mine')
    }
    await expect(host.put(Buffer.alloc(1000), join(there, 'b'), { onProgress })).rejects.toThrow('mine')
    expect(readdirSync(there)).toEqual(['a'])
  })
})

describe('a directory that is put', () => {
  leakCheck()

  function tree(here: string): void {
    mkdirSync(join(here, 'site/deep/er'), { recursive: true })
    writeFileSync(join(here, 'site/index.html'), '<p>')
    writeFileSync(join(here, 'site/deep/er/x'), 'x')
    linkSync(join(here, 'site/index.html'), join(here, 'site/deep/hard'))
    symlinkSync('index.html', join(here, 'site/link'))
    symlinkSync('..', join(here, 'site/deep/up'))
    symlinkSync('/etc/passwd', join(here, 'site/out'))
    symlinkSync('nothing', join(here, 'site/dangling'))
    execFileSync('mkfifo', [join(here, 'site/fifo')])
    chmodSync(join(here, 'site/deep'), 0o2755)
    utimesSync(join(here, 'site/deep'), 1e9, 1e9)
  }

  test('has all files and directories, their modes and times, and a list of what was left out', async () => {
    const { here, there } = rig.places()
    tree(here)
    execFileSync('touch', ['-d', '1960-01-01', join(here, 'site')])
    const result = await host.put(join(here, 'site'), there, { recursive: true })
    expect(statSync(join(there, 'site')).mtimeMs).toBe(0)
    writeFileSync(join(there, 'file'), '')
    await expect(
      host.put(join(here, 'site'), join(there, 'file'), { recursive: true }),
    ).rejects.toMatchObject({ code: 'TRANSFER_FAILED' })
    expect(result).toMatchObject({ files: 3, directories: 3, remote: join(there, 'site') })
    expect(readdirSync(join(there, 'site'), { recursive: true }).sort()).toEqual(
      ['deep', 'deep/er', 'deep/er/x', 'deep/hard', 'index.html'].sort(),
    )
    const deep = statSync(join(there, 'site/deep'))
    expect([deep.mode & 0o7777, deep.mtimeMs]).toEqual([0o755, 1e12])
    const skipped = Object.fromEntries(
      result.skipped.map(({ path, reason }) => [path.slice(here.length + 6), reason]),
    )
    expect(skipped).toEqual({
      link: 'symbolic link',
      'deep/up': 'symbolic link',
      out: 'symbolic link',
      dangling: 'symbolic link',
      fifo: 'fifo',
    })
  })

  test('named by a dot has its contents copied, and leaves what is there its mode, there and back', async () => {
    const { here, there } = rig.places()
    mkdirSync(join(here, 'dir/sub'), { recursive: true, mode: 0o777 })
    writeFileSync(join(here, 'dir/sub/x'), 'x')
    chmodSync(join(here, 'dir'), 0o777)
    const before = [here, there].map((path) => statSync(path).mode)
    await host.put(join(here, 'dir').concat('/.'), there, { recursive: true })
    expect(readdirSync(there, { recursive: true }).sort()).toEqual(['sub', 'sub/x'])
    await host.get(`${there}/sub/..`, here, { recursive: true })
    expect(readdirSync(here).sort()).toEqual(['dir', 'sub'])
    expect(readFileSync(join(here, 'sub/x'), 'utf8')).toBe('x')
    expect([here, there].map((path) => statSync(path).mode)).toEqual(before)
    await host.put(`${here}/dir/.`, join(there, 'new'), { recursive: true })
    expect(statSync(join(there, 'new')).mode & 0o777).toBe(0o777)
    expect(readdirSync(join(there, 'new'))).toEqual(['sub'])
  })

  test('has its links, too, copied or followed where they stay within', async () => {
    const { here, there } = rig.places()
    tree(here)
    await host.put(join(here, 'site'), join(there, 'copied'), { recursive: true, symlinks: 'copy' })
    expect(readlinkSync(join(there, 'copied/out'))).toBe('/etc/passwd')
    expect(readlinkSync(join(there, 'copied/deep/up'))).toBe('..')
    await host.put(join(here, 'site'), join(there, 'copied'), { recursive: true, symlinks: 'copy' })
    const { skipped } = await host.put(join(here, 'site'), join(there, 'followed'), {
      recursive: true,
      symlinks: 'follow',
    })
    expect(readFileSync(join(there, 'followed/link'), 'utf8')).toBe('<p>')
    expect(skipped.map(({ reason }) => reason).sort()).toEqual([
      'fifo',
      'symbolic link that leads out of the directory',
      'symbolic link to a directory that it is in',
      'symbolic link to nothing',
    ])
    expect(existsSync(join(there, 'followed/out'))).toBe(false)
  })

  test('keeps names that are not UTF-8, a depth of 100, and 1000 files, there and back', async () => {
    const { here, there } = rig.places()
    const odd = Buffer.concat([Buffer.from(join(here, 'many/')), Buffer.alloc(250, 0xff)])
    mkdirSync(join(here, 'many', 'd/'.repeat(100)), { recursive: true })
    writeFileSync(odd, 'odd')
    for (let index = 0; index < 1000; index++) writeFileSync(join(here, 'many', `f${index}`), `${index}`)
    const result = await host.put(join(here, 'many'), there, { recursive: true })
    expect(result).toMatchObject({ files: 1001, directories: 101, skipped: [] })
    const names = readdirSync(join(there, 'many'), { encoding: 'buffer' })
    expect(names).toHaveLength(1002)
    expect(names.some((name) => name.equals(Buffer.alloc(250, 0xff)))).toBe(true)
    expect(readFileSync(join(there, 'many/f999'), 'utf8')).toBe('999')
    const back = await host.get(join(there, 'many'), join(here, 'back'), { recursive: true })
    expect(back).toMatchObject({ files: 1001, directories: 101, skipped: [] })
    execFileSync('diff', ['-r', join(here, 'many'), join(here, 'back')])
  })
})
