// `sallyport map`: the data on standard output, problems beside it on standard error, and nothing that is run.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ownHome } from './own-home.js'
import { sallyport } from './program.js'

const { home, env } = ownHome()

const good = home.write(
  'good',
  [
    'Host db web',
    '  ProxyJump ops@gw',
    'Host gw',
    '  HostName 192.0.2.1',
    `Match host web exec "touch ${join(home.path, 'was-run')}"`,
    '  Port 99',
    'Host *.example.com',
    '  User nobody',
    '',
  ].join('\n'),
)

interface MapJson {
  readonly version: number
  readonly hosts: readonly { readonly host: string; readonly problem?: string }[]
}

it.each([
  [[], /^<\?xml .*<svg /s],
  [['--format', 'svg'], /^<\?xml .*<svg /s],
  [['--format=html'], /^<!doctype html>/i],
  [['--format', 'mermaid'], /^flowchart LR\n/],
  [['--format', 'json'], /^\{\n {2}"version": 1,/],
] as const)('with %j the picture is standard output, and nothing else is said', async (flags, beginning) => {
  const { stdout, stderr, exitCode } = await sallyport(['map', '-F', good, '--no-config', ...flags], { env })
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  expect(stdout).toMatch(beginning)
  for (const host of ['db', 'web', '192.0.2.1']) expect(stdout).toContain(host)
  expect(stdout).not.toContain('*.example.com')
})

it('has the hosts of ssh_config and of our own configuration, and runs no command of either', async () => {
  const own = home.write(
    'own.json',
    JSON.stringify({ hosts: { box: { port: 22 }, '*.lab': { port: 22 }, cache: { user: 'x' } } }),
  )
  const { stdout, exitCode } = await sallyport(['map', '-F', good, '--config', own, '--format', 'json'], {
    env,
  })
  expect(exitCode).toBe(0)
  const { hosts } = JSON.parse(stdout) as MapJson
  expect(hosts.map(({ host }) => host).sort()).toEqual(['box', 'cache', 'db', 'gw', 'web'])
  expect(existsSync(join(home.path, 'was-run'))).toBe(false)
})

it('a host without a route stands in it with the reason, which is a warning, too', async () => {
  const loop = home.write('loop', 'Host a\n ProxyJump b\nHost b\n ProxyJump a\nHost fine\n Port 1\n')
  const { stdout, stderr, exitCode } = await sallyport(
    ['map', '-F', loop, '--no-config', '--format', 'json'],
    { env },
  )
  expect(exitCode).toBe(0)
  const { hosts } = JSON.parse(stdout) as MapJson
  expect(hosts.map(({ host, problem }) => [host, problem !== undefined])).toEqual([
    ['a', true],
    ['b', true],
    ['fine', false],
  ])
  const lines = stderr.trimEnd().split('\n')
  expect(lines).toEqual([
    expect.stringMatching(/^sallyport: warning: a: .*a → b → a/),
    expect.stringMatching(/^sallyport: warning: b: .*b → a → b/),
  ])
})

it('a host without a route stands in it also when there is no other', async () => {
  const alone = home.write('alone', 'Host a\n ProxyJump a\n')
  const args = ['map', '-F', alone, '--no-config', '--format', 'json']
  const { stdout, stderr, exitCode } = await sallyport(args, { env })
  expect(exitCode).toBe(0)
  expect((JSON.parse(stdout) as MapJson).hosts).toMatchObject([
    { host: 'a', problem: expect.stringMatching(/a → a/) },
  ])
  expect(stderr).toMatch(/^sallyport: warning: a: .*a → a.*\n$/)
})

it('of many hosts says nothing else, either', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `h${index}`)
  const many = home.write('many', names.map((name) => `Host ${name}\n  User x\n`).join(''))
  const args = ['map', '-F', many, '--no-config', '--format', 'json']
  const { stdout, stderr } = await sallyport(args, { env })
  expect(stderr).toBe('')
  expect((JSON.parse(stdout) as MapJson).hosts.map(({ host }) => host)).toEqual(names)
})

it('--output writes a file, whose name says the format', async () => {
  const file = join(home.path, 'hosts.html')
  const { stdout, stderr, exitCode } = await sallyport(['map', '-F', good, '--no-config', '--output', file], {
    env,
  })
  expect({ stdout, stderr, exitCode }).toEqual({ stdout: '', stderr: '', exitCode: 0 })
  expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>/i)
})

it.each([
  [
    ['--output', '/no/such/directory/x.svg'],
    255,
    /^sallyport: error: --output: .*x\.svg could not be written\ncause: .*no such file or directory.*\nhint: its directory/,
  ],
  [
    ['--format', 'png'],
    2,
    /^sallyport: error: --format "png": there is no such format\nhint: formats are svg, html/,
  ],
  [['host'], 2, /takes no arguments/],
] as const)('%j fails, and standard output is empty', async (flags, code, message) => {
  const { stdout, stderr, exitCode } = await sallyport(['map', '-F', good, '--no-config', ...flags], { env })
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: code })
  expect(stderr).toMatch(message)
})

it('a broken file, which no host has a route by, is an error with its line', async () => {
  const broken = home.write('broken', 'Host a\n  Port x\n')
  const { stdout, stderr, exitCode } = await sallyport(['map', '-F', broken], { env })
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 255 })
  expect(stderr).toMatch(/^sallyport: error: ~\/broken:2: /)
})
