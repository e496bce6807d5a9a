// What an SFTP session does on every server: one table, run on each of them. The files are on this machine, so that
// node:fs says what is true.

import { createHash, randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { expect } from 'vitest'
import type { Sftp } from '../../src/sftp/sftp.js'

type Promised = (sftp: Sftp, directory: string) => Promise<unknown>

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export const sftpContract: Readonly<Record<string, Promised>> = {
  'a file is there as it was written, and an empty one is empty': async (sftp, directory) => {
    const [full, empty] = [join(directory, 'full'), join(directory, 'empty')]
    await sftp.writeFile(full, 'zażółć 😀', { mode: 0o640 })
    await sftp.writeFile(empty, '')
    expect(fs.readFileSync(full, 'utf8')).toBe('zażółć 😀')
    expect(fs.statSync(full).mode & 0o777).toBe(0o640)
    expect(fs.readFileSync(empty).length).toBe(0)
    expect([String(await sftp.readFile(full)), String(await sftp.readFile(empty))]).toEqual(['zażółć 😀', ''])
  },

  'what is written anew loses what it had, and what must be new is refused when it is there': async (
    sftp,
    directory,
  ) => {
    const path = join(directory, 'again')
    await sftp.writeFile(path, 'a long text')
    await sftp.writeFile(path, 'short')
    expect(fs.readFileSync(path, 'utf8')).toBe('short')
    await expect(sftp.open(path, 'wx')).rejects.toMatchObject({ code: 'SFTP_FAILURE', path })
    await expect(sftp.readFile(path, { maxBytes: 4 })).rejects.toMatchObject({ code: 'OUTPUT_LIMIT', path })
  },

  '20 MiB come and go unchanged, in memory and as streams': async (sftp, directory) => {
    const content = randomBytes(20 * 1024 * 1024 + 1)
    const [whole, streamed, back] = ['whole', 'streamed', 'back'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ]
    await sftp.writeFile(whole, content)
    expect(digest(fs.readFileSync(whole))).toBe(digest(content))
    expect(digest(await sftp.readFile(whole))).toBe(digest(content))
    await pipeline(fs.createReadStream(whole), sftp.createWriteStream(streamed, { mode: 0o600 }))
    await pipeline(sftp.createReadStream(streamed), fs.createWriteStream(back))
    expect(digest(fs.readFileSync(back))).toBe(digest(content))
    const part = await sftp.createReadStream(whole, { start: 1_000_000, end: 1_000_009 }).toArray()
    expect(Buffer.concat(part)).toEqual(content.subarray(1_000_000, 1_000_010))
  },

  'an open file is read and written anywhere, with any length': async (sftp, directory) => {
    const path = join(directory, 'random')
    fs.writeFileSync(path, '0123456789')
    await using file = await sftp.open(path, 'r+')
    await file.write(3, Buffer.from('abc'))
    await file.write(20, Buffer.alloc(600_000, 'z'))
    expect(String(await file.read(2, 5))).toBe('2abc6')
    expect((await file.read(10, 1_000_000)).length).toBe(600_010)
    expect((await file.read(2_000_000, 10)).length).toBe(0)
    await file.setStats({ size: 4 })
    expect(await file.stat()).toMatchObject({ type: 'file', size: 4 })
    await file.close()
    await file.close()
    await expect(file.read(0, 1)).rejects.toMatchObject({ code: 'CLOSED', path })
    expect(fs.readFileSync(path, 'utf8')).toBe('012a')
  },

  'what is appended comes behind what is there': async (sftp, directory) => {
    const path = join(directory, 'log')
    fs.writeFileSync(path, 'one\n')
    await using file = await sftp.open(path, 'a')
    await file.write(4, Buffer.from('two\n'))
    expect(fs.readFileSync(path, 'utf8')).toBe('one\ntwo\n')
  },

  'a directory is listed whole, with names of 255 bytes and names that are not UTF-8': async (
    sftp,
    directory,
  ) => {
    const names = ['a', ' b ', '-c', 'new\nline', 'é'.repeat(127), '😀', 'x'.repeat(255)].map((name) =>
      Buffer.from(name),
    )
    const raw = Buffer.from([0xff, 0x2e, 0xfe])
    for (const name of [...names, raw]) {
      const path = Buffer.concat([Buffer.from(`${directory}/`), name])
      await sftp.writeFile(path, name)
    }
    const entries = await sftp.readdir(directory)
    const sorted = (list: readonly Buffer[]): readonly string[] =>
      list.map((name) => name.toString('hex')).sort()
    expect(sorted(entries.map(({ rawName }) => rawName))).toEqual(sorted([...names, raw]))
    expect(sorted(fs.readdirSync(directory, { encoding: 'buffer' }))).toEqual(sorted([...names, raw]))
    expect(entries.find(({ rawName }) => rawName.equals(raw))?.name).toBe('\ufffd.\ufffd')
    expect(entries.find(({ name }) => name === '😀')?.stats).toMatchObject({ type: 'file', size: 4 })
  },

  'a directory of many is listed one by one, and may be left': async (sftp, directory) => {
    for (let number = 0; number < 700; number++) fs.writeFileSync(join(directory, `file-${number}`), '')
    expect(new Set((await sftp.readdir(directory)).map(({ name }) => name)).size).toBe(700)
    for await (const { name } of sftp.entries(directory)) {
      expect(name).toMatch(/^file-/)
      break
    }
  },

  'directories are made, with those above them, and removed': async (sftp, directory) => {
    const deep = join(directory, 'a/b/c')
    await expect(sftp.mkdir(deep)).rejects.toMatchObject({ code: 'SFTP_NO_SUCH_FILE', path: deep })
    await sftp.mkdir(`${deep}/`, { recursive: true })
    await sftp.mkdir(deep, { recursive: true })
    expect(fs.statSync(deep).isDirectory()).toBe(true)
    await expect(sftp.mkdir(deep)).rejects.toMatchObject({ code: 'SFTP_FAILURE' })
    await sftp.mkdir(join(directory, 'private'), { mode: 0o700 })
    expect(fs.statSync(join(directory, 'private')).mode & 0o777).toBe(0o700)
    await expect(sftp.rmdir(join(directory, 'a'))).rejects.toMatchObject({ code: 'SFTP_FAILURE' })
    await sftp.rmdir(deep)
    expect(fs.existsSync(deep)).toBe(false)
    fs.writeFileSync(join(directory, 'file'), '')
    const below = sftp.mkdir(join(directory, 'file/x'), { recursive: true })
    await expect(below).rejects.toMatchObject({ name: 'SftpError' })
  },

  'a rename replaces what is there': async (sftp, directory) => {
    const [from, to] = [join(directory, 'from'), join(directory, 'to')]
    fs.writeFileSync(from, 'new')
    fs.writeFileSync(to, 'old')
    await sftp.rename(from, to)
    expect([fs.existsSync(from), fs.readFileSync(to, 'utf8')]).toEqual([false, 'new'])
    await expect(sftp.rename(from, to)).rejects.toMatchObject({ code: 'SFTP_NO_SUCH_FILE', path: to })
    await sftp.unlink(to)
    expect(fs.existsSync(to)).toBe(false)
  },

  'links are made in the order of node:fs, read, followed and not followed': async (sftp, directory) => {
    const [file, link, hard] = ['file', 'link', 'hard'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ]
    fs.writeFileSync(file, 'text')
    await sftp.symlink('file', link)
    expect([fs.readlinkSync(link), await sftp.readlink(link)]).toEqual(['file', 'file'])
    expect((await sftp.stat(link)).type).toBe('file')
    expect((await sftp.lstat(link)).type).toBe('symlink')
    await sftp.link(file, hard)
    expect(fs.statSync(hard).ino).toBe(fs.statSync(file).ino)
    await expect(sftp.readlink(file)).rejects.toMatchObject({ name: 'SftpError', path: file })
  },

  'modes, times and sizes are set and told': async (sftp, directory) => {
    const path = join(directory, 'set')
    fs.writeFileSync(path, 'text')
    const times = { accessedAt: new Date(1_000_000_000_000), modifiedAt: new Date(4_000_000_000_000) }
    await sftp.setStats(path, { times, size: 2 })
    await sftp.chmod(path, 0o4755)
    const owner = { uid: process.getuid?.(), gid: process.getgid?.() }
    expect(await sftp.stat(path)).toEqual({ type: 'file', size: 2, mode: 0o4755, ...owner, ...times })
    expect(fs.statSync(path).mtimeMs).toBe(4_000_000_000_000)
  },

  'what is not there is SFTP_NO_SUCH_FILE, with its path, or undefined where that was asked': async (
    sftp,
    directory,
  ) => {
    const path = join(directory, 'no\x1bsuch')
    const shown = join(directory, 'no\\x1bsuch')
    const expected = { code: 'SFTP_NO_SUCH_FILE', path: shown, status: 2, hop: { index: 1 } }
    for (const call of [
      () => sftp.stat(path),
      () => sftp.lstat(path),
      () => sftp.readdir(path),
      () => sftp.open(path, 'r'),
      () => sftp.unlink(path),
      () => sftp.readFile(path),
      () => sftp.createReadStream(path).toArray(),
      () => sftp.chmod(path, 0o600),
    ]) {
      await expect(call()).rejects.toMatchObject(expected)
    }
    const stream = sftp.createWriteStream(join(path, 'x'))
    await expect(pipeline([Buffer.from('x')], stream)).rejects.toMatchObject({ code: 'SFTP_NO_SUCH_FILE' })
    expect(await sftp.findStats(path)).toBeUndefined()
    expect((await sftp.findStats(directory))?.type).toBe('directory')
  },

  'a full disk is SFTP_FAILURE, however much was on its way': async (sftp) => {
    const expected = { code: 'SFTP_FAILURE', path: '/dev/full' }
    await expect(sftp.writeFile('/dev/full', Buffer.alloc(2_000_000))).rejects.toMatchObject(expected)
    const stream = sftp.createWriteStream('/dev/full', { flags: 'r+' })
    const source = Array.from({ length: 40 }, () => Buffer.alloc(50_000))
    await expect(pipeline(source, stream)).rejects.toMatchObject(expected)
  },

  'paths are resolved': async (sftp, directory) => {
    fs.mkdirSync(join(directory, 'sub'))
    expect(await sftp.realpath(`${directory}/sub/../sub`)).toBe(join(directory, 'sub'))
    expect(await sftp.realpath('.')).toMatch(/^\//)
  },
}
