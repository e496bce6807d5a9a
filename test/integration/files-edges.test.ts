// What transfers meet now and then: matches that are none, loops of links, files that change while they are read.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection, TransferProgress, TransferResult } from '../../src/index.js'
import { type FilesHost, startFilesHost } from '../support/files-host.js'
import { leakCheck } from '../support/leak-check.js'

let rig: FilesHost
let host: Connection
beforeAll(async () => {
  rig = await startFilesHost()
  host = rig.host
})
afterAll(() => rig[Symbol.asyncDispose]())

function reasons({ skipped }: TransferResult): readonly string[] {
  return skipped.map(({ path, reason }) => `${path.replace(/.*\//, '')}: ${reason}`).sort()
}

describe('a directory', () => {
  leakCheck()

  test('that was there keeps its setgid and sticky bits', async () => {
    const { here, there } = rig.places()
    for (const directory of [here, there]) {
      mkdirSync(join(directory, 'from'))
      mkdirSync(join(directory, 'to/from'), { recursive: true })
      execFileSync('chown', ['-R', `${rig.user.name}:`, join(directory, 'from'), join(directory, 'to')])
      execFileSync('chmod', ['0750', join(directory, 'from')])
      execFileSync('chmod', ['3777', join(directory, 'to/from')])
    }
    await host.put(join(here, 'from'), join(there, 'to'), { recursive: true })
    await host.get(join(there, 'from'), join(here, 'to'), { recursive: true })
    for (const directory of [here, there]) {
      expect((statSync(join(directory, 'to/from')).mode & 0o7777).toString(8)).toBe('3750')
    }
  })

  test('is not copied again for a link in it, however that was reached', async () => {
    const { here, there } = rig.places()
    mkdirSync(join(here, 'top/sub/deep'), { recursive: true })
    symlinkSync('../../sub', join(here, 'top/sub/deep/back'))
    const options = { recursive: true, symlinks: 'follow' } as const
    const put = await host.put(join(here, 'top'), there, options)
    expect(put.directories).toBe(3)
    expect(reasons(put)).toEqual(['back: symbolic link to a directory that it is in'])
  })
})

describe('a file', () => {
  leakCheck()

  test('that is written to while it is read is no copy, though it keeps its size', async () => {
    const big = Buffer.alloc(20_000_000, 'abcdefg')
    const { here, there } = rig.places({ big })
    const inTree = { recursive: true }
    const write = (directory: string) => {
      let isDone = false
      const before = new Date('2001-02-03')
      utimesSync(join(directory, 'big'), before, before)
      return ({ bytes }: TransferProgress): void => {
        if (!isDone && bytes < big.length) writeFileSync(join(directory, 'big'), 'x', { flag: 'r+' })
        isDone = true
      }
    }
    const changed = { code: 'FILE_CHANGED', message: expect.stringContaining('was written to') }
    const put = host.put(join(here, 'big'), join(there, 'new'), { onProgress: write(here) })
    await expect(put).rejects.toMatchObject(changed)
    const get = host.get(join(there, 'big'), join(here, 'new'), { onProgress: write(there) })
    await expect(get).rejects.toMatchObject(changed)
    expect([readdirSync(here), readdirSync(there)]).toEqual([['big'], ['big']])
    const tree = await host.put(here, there, { ...inTree, onProgress: write(here) })
    expect(reasons(tree)).toEqual(['big: changed while it was read'])
  })
})

test('a stream that is ended by somebody else while a file is got into it is no success', async () => {
  const { there } = rig.places({ file: 'content' })
  const sink = new Writable({ write: (_piece, _encoding, done) => done() })
  const onProgress = (): unknown => sink.writableEnded || sink.end()
  const get = host.get(join(there, 'file'), sink, { onProgress })
  await expect(get).rejects.toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' })
})

describe('a pattern', () => {
  leakCheck()

  test('leaves out what cannot be copied, and says so', async () => {
    const { here, there } = rig.places({ 'x-file': 'content' })
    for (const directory of [here, there]) {
      symlinkSync('nothing', join(directory, 'x-link'))
      execFileSync('mkfifo', [join(directory, 'x-pipe')])
      writeFileSync(Buffer.concat([Buffer.from(join(directory, 'x-')), Buffer.from([0xff])]), 'odd')
    }
    const left = ['x-link: symbolic link to nothing', 'x-pipe: fifo', 'x-\u{fffd}: its name is not UTF-8']
    mkdirSync(join(here, 'got'))
    const got = await host.get(join(there, 'x-*'), `${join(here, 'got')}/`)
    expect([got.files, readdirSync(join(here, 'got'))]).toEqual([1, ['x-file']])
    expect(reasons(got)).toEqual(left)
    const put = await host.put(join(here, 'x-*'), there)
    expect(put.files).toBe(1)
    expect(reasons(put)).toEqual(left)
    await expect(host.get(join(there, 'x-[lp]*'), here)).rejects.toMatchObject({
      code: 'SFTP_NO_SUCH_FILE',
      hint: expect.stringContaining('x-link matches and is left out: symbolic link to nothing'),
    })
    await expect(host.put(join(here, 'x-[lp]*'), there)).rejects.toMatchObject({
      code: 'LOCAL_FILE_FAILED',
      hint: expect.stringContaining('x-link matches and is left out: symbolic link to nothing'),
    })
  })
})
