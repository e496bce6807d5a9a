// Every kind of value, judged by the real ssh: what it prints of a file without blocks, and what it refuses.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SshConfigAnswer } from '../../../../../src/config/ssh-config/answer.js'
import { Unacceptable } from '../../../../../src/config/ssh-config/keyword.js'
import {
  findKeyword,
  findRetired,
  joinObtained,
  type KeywordName,
} from '../../../../../src/config/ssh-config/keywords.js'
import type { Obtained } from '../../../../../src/config/ssh-config/obtained.js'
import { splitLine } from '../../../../../src/config/ssh-config/parse/words.js'
import { printSshConfig } from '../../../../../src/config/ssh-config/print/print.js'
import { localAccount } from '../../../../../src/config/ssh-config/tokens/local-account.js'
import { ConfigError } from '../../../../../src/errors.js'
import { configurations } from '../judged-configurations.js'

// Lines without blocks: what one host gets, without the look-up that chooses blocks.
function answerOf(text: string): SshConfigAnswer {
  const values = new Map<KeywordName, readonly Obtained[]>()
  for (const [index, line] of text.split('\n').entries()) {
    const split = splitLine(line)
    if (split === undefined || findRetired(split.keyword) !== undefined) continue
    const found = findKeyword(split.keyword)
    if (found === undefined) throw new Unacceptable('bad configuration option')
    const words = found.keyword.read(split.args, process.env)
    const before = values.get(found.name) ?? []
    values.set(found.name, joinObtained(found.name, before, { words, origin: `f:${index + 1}` }))
  }
  for (const [name, obtained] of values) if (obtained.length === 0) values.delete(name)
  const hostName = values.get('HostName')?.[0]?.words[0]?.toLowerCase() ?? 'host'
  return { host: 'host', hostName, values, beaten: new Map(), warnings: [] }
}

function ours(text: string): string | undefined {
  try {
    const local = { ...localAccount(), home: userInfo().homedir }
    return printSshConfig(answerOf(text), { local, env: process.env })
  } catch (error) {
    if (error instanceof Unacceptable || error instanceof ConfigError) return undefined
    throw error
  }
}

let directory: string
beforeAll(() => {
  execFileSync('ssh', ['-V'], { stdio: 'ignore' })
  directory = mkdtempSync(join(tmpdir(), 'print-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

function theirs(text: string): string | undefined {
  const file = join(directory, 'config')
  writeFileSync(file, text)
  const { status, stdout } = spawnSync('ssh', ['-G', '-F', file, 'host'], { encoding: 'utf8' })
  return status === 0 ? stdout : undefined
}

describe.each(Object.entries(configurations))('%s: what ssh -G says of', (_theme, texts) => {
  test.each(texts)('%j', (text) => {
    expect(ours(text)?.split('\n')).toEqual(theirs(text)?.split('\n'))
  })
})

test('a comment names the place of each value that was obtained, and of no default', () => {
  const text = 'Port 5\nSendEnv A\nSendEnv B\nRekeyLimit 1K\nRekeyLimit 1K 5\nCanonicalDomains none'
  const local = localAccount()
  const printed = printSshConfig(answerOf(text), { local, env: {}, origins: true })
  expect(printed.split('\n').filter((line) => line.includes('#'))).toEqual([
    'port 5 # f:1',
    'canonicaldomains none # f:6',
    'sendenv A # f:2',
    'sendenv B # f:3',
    'rekeylimit 1024 5 # f:4, f:5',
  ])
})

test('keywords newer than the judge are printed where they were set, and only there', () => {
  const local = localAccount()
  const print = (text: string) => printSshConfig(answerOf(text), { local, env: {} }).split('\n')
  const text = 'ChannelTimeout session=5m\nObscureKeystrokeTiming interval:80\nTag x\nVersionAddendum a # b'
  expect(print(text).filter((line) => !print('').includes(line))).toEqual([
    'obscurekeystroketiming 80',
    'tag x',
    'versionaddendum a',
    'channeltimeout session=5m',
  ])
})

test('is that of this process and its user when nothing else is said', () => {
  const answer = answerOf('Port 2200\n')
  expect(printSshConfig(answer)).toBe(printSshConfig(answer, { local: localAccount(), env: process.env }))
})
