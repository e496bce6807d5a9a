// -L, -R and -D, judged by the real ssh: what `ssh -G` makes of them.

import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import type { Invocation } from '../../src/cli/command-line.js'
import { checkForwards, findForwardDirective } from '../../src/cli/forward-flags.js'
import { MisuseError } from '../../src/cli/misuse.js'
import { parseSshConfig } from '../../src/index.js'

const keywords = { '-L': 'LocalForward', '-R': 'RemoteForward', '-D': 'DynamicForward' } as const
type Letter = keyof typeof keywords

function bySsh(letter: Letter, value: string): string | undefined {
  const { stdout, status } = spawnSync('ssh', ['-F', 'none', '-G', letter, value, 'unnamed'], {
    encoding: 'utf8',
  })
  if (status !== 0) return undefined
  const head = `${keywords[letter].toLowerCase()} `
  return stdout
    .split('\n')
    .find((line) => line.startsWith(head))
    ?.slice(head.length)
}

async function byUs(letter: Letter, value: string): Promise<string | undefined> {
  const flag = { letter, value }
  const invocation: Invocation = { ask: 'command', command: 'shell', flags: [flag], host: 'h', words: [] }
  try {
    await checkForwards(invocation)
  } catch (error) {
    expect(error).toBeInstanceOf(MisuseError)
    expect((error as Error).message).toMatch(new RegExp(`^${letter}: .+: "`))
    return undefined
  }
  const answer = await parseSshConfig(findForwardDirective(flag) ?? '').lookUp({ host: 'h' })
  return answer.values.get(keywords[letter])?.[0]?.words.join(' ')
}

const specifications = [
  ...['8080:db:80', '127.0.0.1:8080:db:80', '[::1]:8080:[::1]:80', ':8080:db:80', '*:8080:db:80'],
  ...[
    '8080:/tmp/s',
    '/tmp/s:db:80',
    '/tmp/s:/tmp/t',
    '127.0.0.1:8080:/tmp/s',
    './rel:db:80',
    '/tmp/a b:db:80',
  ],
  ...['localhost/8080/db/80', '8080/db/80', '::1/8080/::1/80', 'a:b', '8080:db', '0:db:80', '8080:db:0'],
  ...[
    '8080:db:http',
    '/tmp/a\\:b:db:80',
    '"8080":db:80',
    '',
    ' ',
    '1:2:3:4:5',
    '8080:$USER:80',
    '70000:db:80',
  ],
  ...['127.0.0.1:8080:[fe80::1%eth0]:80', '127.0.0.1:[::1]:80:3', '8080:db:80 ', '#80:db:80', '80#:db:80'],
  ...[
    '1080',
    '0',
    '127.0.0.1:1080',
    '[::1]:1080',
    '*:1080',
    '/tmp/s',
    'x/1080',
    ':1080',
    '1080:a:b',
    'socks',
  ],
  ...['-1:a:2', 'bind:1080:h:22', '8080:db:', '[::1', '[::1]8080:db:80', '8080:d"b:80', '/tmp/a\\\\b:db:80'],
]

/** ssh takes them for -D, and forgets the half of them. */
const halfForgotten = ['8080:/tmp/s', '/tmp/s:/tmp/t']

it.each(halfForgotten)('-D %s is refused: it would lead elsewhere than it says', async (value) => {
  expect(bySsh('-D', value)).toBe(value.slice(0, value.indexOf(':')))
  expect(await byUs('-D', value)).toBeUndefined()
})

it.each(Object.keys(keywords) as Letter[])(
  '%s reads what ssh reads, and refuses what it refuses, by name',
  async (letter) => {
    const [ssh, us]: [Record<string, unknown>, Record<string, unknown>] = [{}, {}]
    for (const value of specifications) {
      if (letter === '-D' && halfForgotten.includes(value)) continue
      ssh[value] = bySsh(letter, value) ?? 'refused'
      us[value] = (await byUs(letter, value)) ?? 'refused'
    }
    expect(us).toEqual(ssh)
    expect(new Set(Object.values(us)).size).toBeGreaterThan(5)
  },
)
