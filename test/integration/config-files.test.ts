// Files of ssh_config that are odd, on the way to a real server: what the real ssh takes leads there, what it refuses is
// refused with the line, and what would make it wait or read without end is refused at once.

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Connection } from '../../src/index.js'
import { configHome } from '../support/config-home.js'
import { hostBlock, sshConfigFile } from '../support/config-hosts.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { scratchDir } from '../support/run-dir.js'
import { type Sshd, startSshd } from '../support/sshd.js'

leakCheck()

let sshd: Sshd
/** All that it takes to reach the server as `db`. */
let block: string
beforeAll(async () => {
  sshd = await startSshd()
  block = hostBlock('db', sshd)
})
afterAll(() => sshd.stop())

/** Whether the real ssh takes the file. */
function sshTakes(file: string): boolean {
  return spawnSync('ssh', ['-G', '-F', file, 'db'], { timeout: 5000 }).status === 0
}

async function reach(sshConfig: string): Promise<void> {
  await using db = new Connection('db', { sshConfig, config: false })
  expect((await db.run('echo $SSH_CONNECTION')).stdout).toContain(` ${sshd.port}\n`)
}

async function refusalOf(sshConfig: string) {
  await using db = new Connection('db', { sshConfig, config: false })
  const before = performance.now()
  const error = await failureOf(db.open())
  expect(performance.now() - before).toBeLessThan(2000)
  return error
}

/** An included file, as its owner left it. */
function included(text: string, odd: (file: string) => void = () => undefined): string {
  const file = join(scratchDir('included'), 'part')
  writeFileSync(file, text, { mode: 0o600 })
  odd(file)
  return `Include ${file}\n`
}

describe('a file that the real ssh takes', () => {
  test.each<[string, () => string]>([
    ['with CRLF at the end of each line', () => block.replaceAll('\n', '\r\n')],
    ['without a line feed at its end', () => block.trimEnd()],
    [
      'with blank lines, comments, tabs, = and quotes',
      () => `\n # x\n\t\n${block.replace('  Port ', '\tPort = ')}`,
    ],
    ['with what follows a NUL in a line', () => block.replace('\n', '\0\n')],
    ['that includes a file that is not there', () => `Include /no/such/file\nInclude ~/no-such\n${block}`],
    ['that includes an empty directory', () => `Include ${scratchDir('empty')}/*\n${block}`],
    ['that includes the part that matters', () => included(block)],
    ['whose keywords are in any case', () => block.replace('HostName', 'hOSTNAME').replace('Port', 'PORT')],
    ['that ignores an unknown keyword', () => `IgnoreUnknown Gate*\nGateway x\n${block}`],
    ['with more than the first value of each', () => `${block}  Port 1\n  HostName nowhere.invalid\n`],
  ])('%s leads to the server', async (_, text) => {
    const file = sshConfigFile(text())
    expect(sshTakes(file)).toBe(true)
    await reach(file)
  })

  test('although others may write it leads to the server, because it was named', async () => {
    const file = sshConfigFile(block)
    chmodSync(file, 0o666)
    chownSync(file, 12_345, -1)
    expect(sshTakes(file)).toBe(true)
    await reach(file)
  })

  test('because nothing is in it says nothing: a directory, the null device', async () => {
    for (const file of [scratchDir('directory'), '/dev/null']) {
      expect(sshTakes(file)).toBe(true)
      await using db = new Connection('db', { sshConfig: file, config: false })
      expect((await db.resolve()).hops).toMatchObject([{ hostName: 'db', port: 22 }])
    }
  })
})

describe('a file that the real ssh refuses', () => {
  const missing = () => join(scratchDir('missing'), 'config')
  const itself = () => {
    const file = sshConfigFile('')
    writeFileSync(file, `Include ${file}\n${block}`)
    return file
  }
  const circle = () => {
    const [one, two] = [sshConfigFile(''), sshConfigFile('')]
    writeFileSync(one, `Host *\nInclude ${two}\n`)
    writeFileSync(two, `Include ${one}\n`)
    return one
  }
  const withPart = (odd: (file: string) => void) => () => sshConfigFile(included('', odd), block)

  test.each<[string, () => string, string, RegExp]>([
    ['because it is not there', missing, 'CONFIG_UNUSABLE', /there is no such file/],
    [
      'for a byte order mark',
      () => sshConfigFile(`\ufeff${block}`),
      'CONFIG_INVALID',
      /config:1: bad configuration/,
    ],
    [
      'for an unknown keyword in any block',
      () => sshConfigFile(block, 'Host x\n Prot 1\n'),
      'CONFIG_INVALID',
      /config:10: bad/,
    ],
    [
      'for a quote that does not end',
      () => sshConfigFile(block, 'User "x\n'),
      'CONFIG_INVALID',
      /config:9: /,
    ],
    [
      'because it includes itself',
      itself,
      'CONFIG_INVALID',
      /config:1: files are included more than 16 deep/,
    ],
    ['because it is included by what it includes', circle, 'CONFIG_INVALID', /more than 16 deep/],
    [
      'for an included file that everyone may write',
      withPart((file) => chmodSync(file, 0o602)),
      'CONFIG_UNUSABLE',
      /can be written by others/,
    ],
    [
      'for an included file of another user',
      withPart((file) => chownSync(file, 12_345, -1)),
      'CONFIG_UNUSABLE',
      /belongs to another user/,
    ],
  ])('%s is refused in the same way, and nothing is dialled', async (_, file, code, message) => {
    const [name, before] = [file(), sshd.connections().length]
    expect(sshTakes(name)).toBe(false)
    expect(await refusalOf(name)).toMatchObject({
      code,
      phase: 'resolve',
      message: expect.stringMatching(message),
    })
    expect(sshd.connections()).toHaveLength(before)
  })
})

describe('a file that ssh would wait for, or read for long,', () => {
  const fifo = (file: string) => {
    rmSync(file)
    execFileSync('mkfifo', [file])
  }
  const large = (file: string) => truncateSync(file, 100 * 2 ** 20)

  test.each<[string, (file: string) => void, RegExp]>([
    ['a pipe', fifo, /is not a regular file/],
    ['of 100 MiB', large, /is larger than 4 MiB/],
  ])('%s is refused at once, named or included', async (_, odd, message) => {
    const named = sshConfigFile(block)
    odd(named)
    for (const file of [named, sshConfigFile(included('', odd), block)]) {
      expect(await refusalOf(file)).toMatchObject({
        code: 'CONFIG_UNUSABLE',
        message: expect.stringMatching(message),
      })
    }
  })

  test('a device is refused before it is opened', async () => {
    expect(await refusalOf('/dev/zero')).toMatchObject({ code: 'CONFIG_UNUSABLE' })
    expect(await refusalOf('/dev/tty')).toMatchObject({ code: 'CONFIG_UNUSABLE' })
  })
})

test('without any file in the home, the defaults hold', async () => {
  using home = configHome()
  rmSync(join(home.path, '.ssh'), { recursive: true })
  await using db = new Connection('db')
  expect((await db.resolve()).hops).toMatchObject([{ hostName: 'db', port: 22, link: { kind: 'tcp' } }])
  mkdirSync(join(home.path, '.ssh', 'config'), { recursive: true })
  await using again = new Connection('db')
  expect((await again.resolve()).hops).toMatchObject([{ hostName: 'db', port: 22 }])
})
