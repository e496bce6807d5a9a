// Which hosts `sallyport run -H` works on: named, from files, from standard input, from groups; and what it refuses.

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { grammars } from '../../src/cli/grammars.js'
import { groupServers } from './group-servers.js'
import { type ProgramResult, sallyport } from './program.js'

const servers = groupServers()

function run(args: readonly string[], input = ''): Promise<ProgramResult> {
  return sallyport(['run', '-F', servers.home.ssh('config'), ...args], { env: servers.env, input })
}

describe('hosts', () => {
  it('gather from names, files, standard input and groups; one that is named twice is one', async () => {
    const { home } = servers
    const file = home.write('hosts.txt', '# the first\nweb1\n\n  web2 # and the second\r\n')
    const config = home.write('sallyport.config.json', JSON.stringify({ groups: { web: ['web3', 'web1'] } }))
    const flags = ['--config', config, '-H', `@${file},web2`, '-H', '@-', '-H', '%web']
    const { stdout, exitCode } = await run([...flags, '--', 'cat; echo ran'], 'web4\n')
    expect(stdout.split('\n').sort()).toEqual(['', ...[1, 2, 3, 4].map((n) => `web${n} | ran`)])
    expect(exitCode).toBe(0)
  })

  it('of one name by two ways are two members, told apart by their users or gateways', async () => {
    const { port, user } = servers.target()
    const named = await run(['-H', 'web1,nobody@web1', '--', 'echo ran'])
    expect(named.stdout.split('\n').sort()).toEqual([
      '',
      expect.stringMatching(new RegExp(`^nobody@web1:${port} \\| `)),
      expect.stringMatching(new RegExp(`^${user}@web1:${port} {3}\\| ran$`)),
    ])
  })
})

describe('what is refused before any work', () => {
  it.each([
    ['a line of a file', ['-H', '@FILE', '--', 'true'], 255, /hosts-bad\.txt:2: .*"a b"/],
    [
      'a file that is not there',
      ['-H', '@nowhere', '--', 'true'],
      255,
      /-H @nowhere: could not be read\ncause: ENOENT/,
    ],
    ['a group that is not there', ['-H', '%no', '--', 'true'], 2, /-H %no: there is no group "no"/],
    ['no host at all', ['-H', '@-', '--', 'true'], 2, /-H names no host/],
    ['a host that can be none', ['-H', 'web1,a b', '--', 'true'], 2, /-H: .*"a b"/],
    ['a host before the command', ['-H', 'web1', 'web2', '--', 'true'], 2, /no host before it/],
    ['no port', ['-H', 'web1', '-p', 'x', '--', 'true'], 2, /-p: must be a whole number/],
  ] as const)('%s', async (_name, args, code, pattern) => {
    const file = servers.home.write('hosts-bad.txt', 'web1\na b\n')
    const { stdout, stderr, exitCode } = await run(args.map((word) => word.replace('FILE', file)))
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: code })
    expect(stderr).toMatch(pattern)
  })
})

it('a configuration that allows nothing to begin is 255, and says why', async () => {
  const file = join(servers.home.path, 'no such config')
  const { stderr, exitCode } = await sallyport(['run', '-F', file, '-H', 'web1,web2', '--', 'true'], {
    env: servers.env,
  })
  expect(stderr).toContain('~/no such config: there is no such file')
  expect(exitCode).toBe(255)
})

it('the help of -H fits a screen, lists every flag that goes with it, and ends in something to type', async () => {
  const { stdout, exitCode } = await run(['-H', 'web1', '--help'])
  const lines = stdout.trimEnd().split('\n')
  expect(lines.length).toBeLessThanOrEqual(32)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
  const listed = lines.flatMap((line) => /^ {2}(--?[a-zA-Z][\w-]*)/.exec(line)?.slice(1) ?? [])
  const words = Object.keys(grammars.run.withMany ?? {}).map((word) => `--${word}`)
  expect(listed.sort()).toEqual(['-H', '-V', '-h', ...words].sort())
  expect(lines.slice(-2)).toEqual(['example:', expect.stringMatching(/^ {2}sallyport run -H /)])
  expect(exitCode).toBe(0)
})
