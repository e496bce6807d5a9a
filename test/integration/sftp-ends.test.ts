// SFTP sessions that do not begin, or end before they are done, on a real sshd: what runs in place of its SFTP server
// is a script that each test writes.

import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../src/index.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { scratchDir } from '../support/run-dir.js'
import { type Sshd, startSshd } from '../support/sshd.js'

const program = '/usr/lib/openssh/sftp-server'

let directory: string
let plain: Sshd
let sshd: Sshd
beforeAll(async () => {
  directory = scratchDir('sftp')
  const other = ['LogLevel INFO', 'Subsystem other /bin/false']
  plain = await startSshd({ name: 'without sftp', config: other })
  const config = ['LogLevel INFO', `Subsystem sftp /bin/sh ${join(directory, 'script')}`]
  sshd = await startSshd({ name: 'with a script', config })
})
afterAll(async () => {
  await plain.stop()
  await sshd.stop()
})

/** A connection of its own to the server that has this script as its SFTP server. */
async function withScript(script: string, use: (host: Connection) => Promise<void>): Promise<void> {
  writeFileSync(join(directory, 'script'), script)
  await using host = connectionTo(sshd)
  await use(host)
}

describe('an SFTP session', () => {
  leakCheck()

  test('is refused where the server has no such subsystem, and the connection goes on', async () => {
    await using host = connectionTo(plain)
    await expect(host.sftp()).rejects.toMatchObject({
      code: 'SFTP_UNAVAILABLE',
      hop: { host: plain.host },
      message: expect.stringContaining('subsystem sftp'),
    })
    expect((await host.run('echo here')).stdout).toBe('here\n')
  })

  test.each([
    [`echo 'Welcome, \x1b[31mfriend'; exec ${program}`, /with "Welcome, \\x1b\[31mfriend/],
    ['/no/such/server', /ended with 127 before it began/],
    ['yes noise | head -c 3000000 >&2; exit 3', /ended with 3 before it began/],
    ['exec >&-; sleep 60', /ended before it began/],
  ])('is refused when what answers is `%s`', (script, text) =>
    withScript(script, async (host) => {
      await expect(host.sftp()).rejects.toMatchObject({
        code: 'SFTP_UNAVAILABLE',
        message: expect.stringMatching(text),
      })
    }),
  )

  test('is given up when nothing answers in the time of the caller', () =>
    withScript('sleep 60', async (host) => {
      await host.open()
      await expect(host.sftp({ timeoutMs: 200 })).rejects.toMatchObject({ code: 'TIMEOUT' })
      const abort = new AbortController()
      const opening = host.sftp({ signal: abort.signal })
      setImmediate(() => abort.abort())
      await expect(opening).rejects.toMatchObject({ name: 'AbortError' })
    }))

  test('that is lost rejects everything that is under way', () =>
    withScript(`exec ${program}`, async (host) => {
      const path = join(directory, 'endless')
      const sftp = await host.sftp()
      const source = new PassThrough()
      const writing = pipeline(source, sftp.createWriteStream(path))
      source.write(randomBytes(1_000_000))
      const reading = sftp.createReadStream('/dev/zero').resume()
      await new Promise((resolve) => reading.once('data', resolve))
      const failed = new Promise((resolve) => reading.once('error', resolve))
      sshd.killSessions()
      await expect(writing).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
      expect(await failed).toMatchObject({ code: 'CONNECTION_LOST' })
      await expect(sftp.stat('.')).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
      await sftp.close()
    }))

  test('whose server ends is told of with its status, and another can be opened', () =>
    withScript(`echo $$ > ${join(directory, 'pid')}; exec ${program}`, async (host) => {
      const sftp = await host.sftp()
      const reading = sftp.createReadStream('/dev/zero').resume()
      await new Promise((resolve) => reading.once('data', resolve))
      const failed = new Promise((resolve) => reading.once('error', resolve))
      process.kill(Number(readFileSync(join(directory, 'pid'), 'utf8')), 'SIGKILL')
      expect(await failed).toMatchObject({
        code: 'CONNECTION_LOST',
        message: expect.stringContaining('the SFTP server ended the session with SIGKILL'),
      })
      await using another = await host.sftp()
      expect((await another.stat(directory)).type).toBe('directory')
    }))

  test('that is closed ends its streams, and an aborted one ends alone', () =>
    withScript(`exec ${program}`, async (host) => {
      const sftp = await host.sftp()
      const abort = new AbortController()
      const aborted = sftp.createReadStream('/dev/zero', { signal: abort.signal }).resume()
      const left = sftp.createReadStream('/dev/zero').resume()
      const dropped = sftp.createReadStream('/dev/zero').resume()
      for (const stream of [aborted, left, dropped]) {
        await new Promise((resolve) => stream.once('data', resolve))
      }
      const ends = [aborted, left].map((stream) => new Promise((resolve) => stream.once('error', resolve)))
      abort.abort()
      expect(await ends[0]).toMatchObject({ name: 'AbortError', hop: { host: sshd.host } })
      dropped.destroy()
      await expect(sftp.stat('.')).resolves.toMatchObject({ type: 'directory' })
      await sftp.close()
      expect(await ends[1]).toMatchObject({ code: 'CLOSED' })
    }))

  test('holds no more of a file than its reader is behind', () =>
    withScript(`exec ${program}`, async (host) => {
      await using sftp = await host.sftp()
      const stream = sftp.createReadStream('/dev/zero')
      await new Promise((resolve) => stream.once('readable', resolve))
      const before = process.memoryUsage().arrayBuffers
      await expect(sftp.realpath('/')).resolves.toBe('/')
      for (let round = 0; round < 50; round++) await sftp.stat('/')
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * 1024 * 1024)
      expect(stream.readableLength).toBeLessThan(2 * 1024 * 1024)
      stream.destroy()
    }))
})
