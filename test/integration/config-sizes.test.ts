// Configuration made to cost time: what it costs grows with its size and no faster, and where it would grow without end
// it is refused. Times are compared with each other, never with a clock.

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Connection, resolve } from '../../src/index.js'
import { hostBlock, sshConfigFile } from '../support/config-hosts.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { scratchDir } from '../support/run-dir.js'
import { type Sshd, startSshd } from '../support/sshd.js'

leakCheck()

let sshd: Sshd
let block: string
beforeAll(async () => {
  sshd = await startSshd()
  block = hostBlock('db', sshd)
})
afterAll(() => sshd.stop())

async function reach(sshConfig: string): Promise<void> {
  await using db = new Connection('db', { sshConfig, config: false })
  expect((await db.run('echo $SSH_CONNECTION')).stdout).toContain(` ${sshd.port}\n`)
}

/** The shortest of three times that it takes to look `host` up in a file that was never read. */
async function timeOf(text: string, host: string): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < 3; round += 1) {
    const sshConfig = sshConfigFile(text)
    const before = performance.now()
    await resolve(host, { sshConfig, config: false })
    times.push(performance.now() - before)
  }
  return Math.min(...times)
}

describe('what grows eight times', () => {
  const long = 'a'.repeat(250)
  const names = (count: number) => Array.from({ length: count }, (_, i) => `${i}${'a'.repeat(20)}`)

  test.each<[string, (count: number) => string, string]>([
    ['a pattern of many stars', (n) => `Host ${'*a'.repeat(n)}b\n  Port 1\n`, long],
    ['a pattern of stars and question marks', (n) => `Host ${'*?'.repeat(n)}b\n  Port 1\n`, long],
    ['a Match of many stars', (n) => `Match originalhost ${'*a'.repeat(n)}b\n  Port 1\n`, long],
    [
      'a list of patterns',
      (n) =>
        `Match host ${names(n)
          .map((name) => `*${name}*b`)
          .join(',')}\n  Port 1\n`,
      long,
    ],
    [
      'a list of exceptions',
      (n) =>
        `Host * ${names(n)
          .map((name) => `!*${name}*b`)
          .join(' ')}\n  Port 1\n`,
      long,
    ],
    [
      'a number of blocks',
      (n) =>
        names(n * 4)
          .map((name) => `Host ${name} *.${name}\n  Port 1\n`)
          .join(''),
      'db',
    ],
    ['a number of names', (n) => `Host ${names(n * 4).join(' ')} db\n  Port 1\n`, 'db'],
    ['a quoted word', (n) => `Host "${'a '.repeat(n * 10)}"\n`, 'db'],
    ['a line of backslashes', (n) => `Host ${'\\"'.repeat(n * 10)}\n`, 'db'],
    ['a text of tokens', (n) => `Host db\n  RemoteCommand ${'%%'.repeat(n * 10)}\n`, 'db'],
    ['a number of values that came too late', (n) => 'User x\n'.repeat(n * 10), 'db'],
  ])('%s takes not much more than eight times as long', async (_, make, host) => {
    await timeOf(make(100), host)
    const [short, eightfold] = [await timeOf(make(400), host), await timeOf(make(3200), host)]
    // Four milliseconds are what the rest of a look-up takes; quadratic growth would be 64 times.
    expect(eightfold / (short + 4)).toBeLessThan(24)
  })
})

describe('included files', () => {
  /** A chain of files, each including the next; the last has the block. */
  function deep(depth: number): string {
    const directory = scratchDir('deep')
    const name = (at: number) => join(directory, `part-${at}`)
    for (let at = 0; at <= depth; at += 1) {
      writeFileSync(name(at), at === depth ? block : `Include ${name(at + 1)}\n`, { mode: 0o600 })
    }
    return name(0)
  }

  test('are read 16 deep, as by ssh, and no deeper', async () => {
    const takes = (file: string) => spawnSync('ssh', ['-G', '-F', file, 'db']).status === 0
    const [good, bad] = [deep(16), deep(17)]
    expect([takes(good), takes(bad)]).toEqual([true, false])
    await reach(good)
    await using db = new Connection('db', { sshConfig: bad, config: false })
    expect(await failureOf(db.open())).toMatchObject({
      code: 'CONFIG_INVALID',
      origin: expect.stringMatching(/part-16:1$/),
    })
  })

  test('are as many as 4000, and more than 4096 are refused', async () => {
    const directory = scratchDir('many')
    mkdirSync(join(directory, 'parts'))
    const put = (at: number) => writeFileSync(join(directory, 'parts', `${at}`), '', { mode: 0o600 })
    for (let at = 0; at < 4000; at += 1) put(at)
    const file = sshConfigFile(`Include ${directory}/parts/*\n`, block)
    await reach(file)
    for (let at = 4000; at < 4200; at += 1) put(at)
    await using db = new Connection('db', { sshConfig: file, config: false })
    expect(await failureOf(db.open())).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('more than 4096 files are included'),
    })
  })

  test('that double at each step end soon', async () => {
    const directory = scratchDir('doubling')
    for (let at = 0; at < 16; at += 1) {
      const next = join(directory, `part-${at + 1}`)
      writeFileSync(join(directory, `part-${at}`), `Include ${next} ${next}\n`, { mode: 0o600 })
    }
    writeFileSync(join(directory, 'part-16'), '', { mode: 0o600 })
    await using db = new Connection('db', { sshConfig: join(directory, 'part-0'), config: false })
    expect(await failureOf(db.open())).toMatchObject({ message: expect.stringContaining('4096') })
  })

  test('by a pattern of many wildcards are found in no time', async () => {
    const directory = scratchDir('wildcards')
    writeFileSync(join(directory, 'a'.repeat(200)), '', { mode: 0o600 })
    const time = (stars: number) => timeOf(`Include ${directory}/${'*a'.repeat(stars)}b\n`, 'db')
    await time(5)
    const [short, eightfold] = [await time(10), await time(80)]
    expect(eightfold / (short + 4)).toBeLessThan(24)
  })
})

describe('a file', () => {
  const mebibytes = (count: number, more: number) => {
    const end = `${block}${'#'.repeat(more)}`
    return sshConfigFile(
      '#'
        .repeat(63)
        .concat('\n')
        .repeat((count * 2 ** 20) / 64)
        .slice(end.length - more),
      end,
    )
  }

  test('of 4 MiB is read, and one byte more is refused', async () => {
    await reach(mebibytes(4, 0))
    await using db = new Connection('db', { sshConfig: mebibytes(4, 1), config: false })
    expect(await failureOf(db.open())).toMatchObject({
      code: 'CONFIG_UNUSABLE',
      message: expect.stringContaining('is larger than 4 MiB'),
    })
  })

  test('with a line of more than a mebibyte is refused with that line', async () => {
    const sshConfig = sshConfigFile(block, `Host ${'x'.repeat(2 ** 20)}\n`)
    await using db = new Connection('db', { sshConfig, config: false })
    expect(await failureOf(db.open())).toMatchObject({ code: 'CONFIG_INVALID', origin: `${sshConfig}:9` })
  })

  test('with more key files than ssh takes is refused, as by ssh', async () => {
    const file = sshConfigFile(
      block,
      ...Array.from({ length: 100 }, (_, i) => `Host db\nIdentityFile /k${i}\n`),
    )
    expect(spawnSync('ssh', ['-G', '-F', file, 'db']).status).not.toBe(0)
    await using db = new Connection('db', { sshConfig: file, config: false })
    expect(await failureOf(db.open())).toMatchObject({ code: 'CONFIG_INVALID' })
  })
})
