import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { grammars } from '../../src/cli/grammars.js'
import { helpPage } from '../../src/cli/help.js'
import { program, sallyport, start } from './program.js'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string
}

const levels = [[], ...Object.keys(grammars).map((name) => [name])].map((level) => ({ level }))

describe.each(levels)('sallyport $level', ({ level }) => {
  it('has help that fits a screen and ends in something to type', async () => {
    const { stdout, stderr, exitCode } = await sallyport([...level, '--help'])
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(32)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
    expect(lines.join('\n')).toMatch(/usage: sallyport /)
    expect(lines.slice(-2)).toEqual(['example:', expect.stringMatching(/^ {2}.*\bsallyport [a-z]+/)])
    expect((await sallyport([...level, '-h'])).stdout).toBe(stdout)
  })

  it('tells its version', async () => {
    const expected = { stdout: `sallyport ${version}\n`, stderr: '', exitCode: 0 }
    expect(await sallyport([...level, '--version'])).toEqual(expected)
    expect(await sallyport([...level, '-V'])).toEqual(expected)
  })
})

it.each(Object.entries(grammars))(
  'the help of %s lists every flag that it takes, and no other',
  (command, { switches, valued, long = {} }) => {
    const flags = helpPage(command as keyof typeof grammars)
      .split('\n')
      .filter((line) => /^ {2}-/.test(line))
    const listed = flags.flatMap((line) => [...line.slice(0, 18).matchAll(/(?<= )--?\w[\w-]*/g)].map(String))
    const letters = [...switches, ...valued].map((letter) => `-${letter}`)
    const words = Object.keys(long).map((word) => `--${word}`)
    const common = ['-h', '--help', '-V', '--version']
    expect(listed.sort()).toEqual([...letters, ...words, ...common].sort())
  },
)

it.each([
  [['check', '--jso', 'h'], /no option --jso/],
  [['check', '-json', 'h'], /no option -j/],
  [['check', '--json=yes', 'h'], /--json takes no value/],
  [['check', 'h', 'uptime'], /takes a host and nothing after it/],
  [[], /no command given/],
  [['run'], /no host given/],
  [['run', '-Q', 'h', 'x'], /no option -Q/],
  [['run', '-p', '0', 'h', 'x'], /-p: must be a whole number from 1 to 65535/],
  [['run', '-o', 'Nonsense=1', 'h', 'x'], /-o Nonsense: bad configuration option/],
  [['run', '-J', 'a', '-o', 'ProxyCommand=x', 'h', 'x'], /two kinds of gateway.*-J and -o ProxyCommand/],
  [['run', '-J', 'a,b,a', 'h', 'x'], /comes back to .*: a → b → a → h/],
  [['run', '-J', 'a', '-J', 'b', 'h', 'x'], /-J was given twice/],
  [['run', '-oProxyCommand', 'h', 'x'], /-o needs Keyword=value/],
  [['run', '--config', 'a', '--no-config', 'h', 'x'], /exclude each other/],
  [['run', '--', '-oProxyCommand=x', 'x'], /must not begin with a dash/],
  [['shell', 'h;x'], /characters that are not allowed/],
  [['shell', '-L', '8080', 'h'], /^sallyport: error: -L: missing target argument: "8080"/],
  [['run', '-L', '8080:db', 'h', 'x'], /-L: bad forwarding specification: "8080:db"/],
  [['forward', '-R', 'a:b', 'h'], /-R: bad forwarding specification/],
  [['forward', '-D', '0', 'h'], /-D: bad forwarding specification/],
  [['forward', '-L', '$' + '{NO_SUCH_VARIABLE}/s:a:1', 'h'], /-L: the environment variable NO_SUCH_VARIABLE/],
  [['forward', 'h'], /there is nothing to forward/],
  [['forward', '-L', '1:a:1', 'h', 'x'], /takes a host and nothing after it/],
  [['shell', '-W', 'db', 'h'], /-W: must be host:port or \/path/],
  [['shell', '-W', 'db:0', 'h'], /-W: must be host:port or \/path/],
  [['shell', '-W', 'a:1', '-W', 'b:1', 'h'], /-W was given twice/],
  [['run', '-N', 'h', 'x'], /no option -N/],
  [['nc', 'h'], /takes a gateway, and a host and a port or a path/],
  [['nc', 'h', 'db'], /takes a gateway, and a host and a port or a path/],
  [['nc', 'h', 'db', 'ssh'], /the port must be a number/],
  [['nc', 'h', 'db', '22', 'x'], /takes a gateway, and a host and a port or a path/],
] as const)('%j is misuse: exit code 2, an error and a hint, nothing on stdout', async (args, message) => {
  const { stdout, stderr, exitCode } = await sallyport(args)
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
  const [first, ...rest] = stderr.trimEnd().split('\n')
  expect(first).toMatch(/^sallyport: error: /)
  expect(first).toMatch(message)
  expect(rest.at(-1)).toMatch(/^hint: /)
  expect(stderr).not.toMatch(/\n {4}at /)
})

it('what was typed is quoted without its escapes', async () => {
  for (const word of ['--\u001b]0;forged\u0007', '--\u009b31m', '--a\u202eb']) {
    const { stderr } = await sallyport(['run', word, 'h', 'x'])
    expect(stderr).toMatch(/^sallyport: error: there is no option --[\x20-\x7e]+\nhint: /)
  }
})

it.each([
  [141, ['--help']],
  [2, ['run', '-Q']],
])('the exit code is %i when nobody reads what %j prints', async (code, args) => {
  const child = start(args)
  for (const stream of [child.stdout, child.stderr]) stream.destroy()
  const [exitCode, signal] = await once(child, 'exit')
  expect({ exitCode, signal }).toEqual({ exitCode: code, signal: null })
})

it.each([{ args: ['--version'] }, { args: ['run', '--help'] }, { args: ['run', '-Q'] }])(
  'the SSH engine is not loaded for $args',
  ({ args }) => {
    const spy = fileURLToPath(new URL('loaded-modules.cjs', import.meta.url))
    const { stderr } = spawnSync(process.execPath, ['--require', spy, program, ...args], { encoding: 'utf8' })
    const loaded = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as readonly string[]
    expect(loaded).not.toContainEqual(expect.stringContaining('ssh2'))
    expect(loaded).toContainEqual(expect.stringContaining('loaded-modules.cjs'))
  },
)
