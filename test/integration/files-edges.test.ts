// What transfers meet now and then: matches that are none, loops of links, files that change while they are read.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection, TransferResult } from '../../src/index.js'
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
