// `sallyport get` through a gateway, beside the real scp.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { scratchDir } from '../support/run-dir.js'
import { Screen } from '../support/screen.js'
import { filesRig, plant, snapshot, type Tree } from './files-rig.js'
import { ended, program, start, Terminal } from './program.js'

const { env, remoteHome, flags, host, copy, scp } = filesRig()

const there: Tree = {
  'a.txt': { mode: 0o644, text: 'first' },
  'b.txt': { mode: 0o755, text: 'second' },
  'with space': { mode: 0o664, text: 'space' },
  'dir/x.txt': { mode: 0o640, text: 'x' },
  'dir/sub/run.sh': { mode: 0o777, text: 'y' },
  'dir/sub/': { mode: 0o750 },
  'dir/': { mode: 0o755 },
}

const here: Tree = {
  'dest/': { mode: 0o755 },
  'old.txt': { mode: 0o640, text: 'old, and longer than what comes' },
}

plant(remoteHome, there)

/** A new directory of this machine. */
function place(): string {
  const path = scratchDir('get')
  plant(path, here)
  return path
}

describe.concurrent('get leaves what scp leaves', () => {
  it.each([
    { flags: '', sources: ['b.txt'], target: '.' },
    { flags: '', sources: ['b.txt'], target: 'old.txt' },
    { flags: '-p', sources: ['a.txt'], target: 'old.txt' },
    { flags: '', sources: ['a.txt', 'b.txt', 'with space'], target: 'dest' },
    { flags: '', sources: ['*.txt'], target: 'dest' },
    { flags: '-r', sources: ['dir'], target: 'dest' },
    { flags: '-rp', sources: ['dir', 'a.txt'], target: 'dest/' },
    { flags: '-r', sources: ['dir'], target: 'newdir' },
    { flags: '', sources: ['missing', 'a.txt'], target: 'dest' },
    { flags: '', sources: ['dir'], target: 'dest' },
  ])('$flags $sources -> $target', async ({ flags: letters, sources, target }) => {
    const [ours, theirs] = [place(), place()]
    const words = [
      ...(letters === '' ? [] : [letters]),
      ...sources.map((source) => `${host()}:${source}`),
      target,
    ]
    const [result, code] = await Promise.all([copy('get', words, { cwd: ours }), scp(words, { cwd: theirs })])
    // Its number differs with what failed.
    expect(result.exitCode, result.stderr).toBe(code === 0 ? 0 : 1)
    expect(result.stdout).toBe('')
    expect(snapshot(ours)).toEqual(snapshot(theirs))
  })
})

describe.concurrent('get', () => {
  it('copies into the working directory where nothing else is said', async () => {
    const cwd = place()
    expect((await copy('get', ['-q', `${host()}:a.txt`], { cwd })).stderr).toBe('')
    expect(readFileSync(join(cwd, 'a.txt'), 'utf8')).toBe('first')
  })

  it('several files go to a directory of the host’s name, which is made', async () => {
    const cwd = place()
    const { exitCode, stderr } = await copy('get', [`${host()}:a.txt`, `${host()}:b.txt`, 'of-{port}'], {
      cwd,
    })
    expect(exitCode, stderr).toBe(0)
    expect(readdirSync(join(cwd, readdirSync(cwd).find((name) => /^of-\d+$/.test(name)) ?? ''))).toEqual([
      'a.txt',
      'b.txt',
    ])
  })

  it('writes to standard output for -, and nothing else goes there', async () => {
    const bytes = Buffer.alloc(300_000, 'a\u0000b')
    writeFileSync(join(remoteHome, 'bytes'), bytes)
    const { stdout, stderr, exitCode } = await copy('get', [`${host()}:bytes`, '-'])
    expect({ stdout, exitCode }).toEqual({ stdout: bytes.toString(), exitCode: 0 })
    expect(stderr).toMatch(/^sallyport: 1 file, 293 KiB in /)
  })

  it('exits with 141 when the reader of standard output goes away', async () => {
    writeFileSync(join(remoteHome, 'huge'), '')
    truncateSync(join(remoteHome, 'huge'), 1024 ** 3)
    const child = start(['get', ...flags(), `${host()}:huge`, '-'], { env })
    child.stdout.once('data', () => child.stdout.destroy())
    const [exitCode] = await new Promise<readonly unknown[]>((resolve) =>
      child.once('exit', (...end) => resolve(end)),
    )
    expect(exitCode).toBe(141)
  })

  it.each([{ words: ['a.txt', '-'] }, { words: ['--json', 'a.txt', 'in-spite-of-it'] }])(
    'exits with 255 and says why when standard output is full: $words',
    async ({ words }) => {
      const cwd = place()
      const args = words.map((word) => (word === 'a.txt' ? `${host()}:${word}` : word))
      const script = '"$0" "$@" >/dev/full'
      const line = ['-c', script, process.execPath, program, 'get', ...flags(), ...args]
      const child = spawn('sh', line, { detached: true, env: { ...process.env, ...env }, cwd })
      child.stdin.end()
      const { exitCode, stderr } = await ended(child)
      expect(stderr).toMatch(
        /^sallyport: error: standard output could not be written\ncause: .*ENOSPC.*\nhint: .*\n$/,
      )
      expect(exitCode).toBe(255)
      expect(readdirSync(cwd).includes('in-spite-of-it')).toBe(words.includes('in-spite-of-it'))
    },
  )

  it('skips links and what is no file, says so on standard error, and exits with 0', async () => {
    plant(join(remoteHome, 'odd'), { plain: { mode: 0o644, text: 'plain' } })
    symlinkSync('/etc/passwd', join(remoteHome, 'odd/link'))
    execFileSync('mkfifo', [join(remoteHome, 'odd/fifo')])
    const [cwd, other] = [place(), place()]
    const [told, json] = await Promise.all([
      copy('get', ['-qr', `${host()}:odd`], { cwd }),
      copy('get', ['-r', '--json', `${host()}:odd`], { cwd: other }),
    ])
    expect(told).toMatchObject({ stdout: '', exitCode: 0 })
    expect(told.stderr.trimEnd().split('\n').sort()).toEqual([
      expect.stringMatching(/^sallyport: warning: skipped .*odd\/fifo: fifo$/),
      expect.stringMatching(/^sallyport: warning: skipped .*odd\/link: symbolic link$/),
    ])
    expect(readdirSync(join(cwd, 'odd'))).toEqual(['plain'])
    const documents = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(documents).toHaveLength(3)
    expect(documents).toContainEqual({
      event: 'skipped',
      source: 'odd',
      path: expect.stringMatching(/odd\/link$/),
      reason: 'symbolic link',
    })
    expect(documents.at(-1)).toMatchObject({ event: 'copied', source: 'odd', files: 1, directories: 1 })
    expect(json).toMatchObject({ stderr: '', exitCode: 0 })
  })

  it.each([
    { args: ['a.txt', 'b.txt'], target: 'old.txt', code: 1, message: /several files.*no directory/ },
    { args: ['a.txt', 'b.txt'], target: 'nothing', code: 1, message: /several files.*no such directory/ },
    { args: ['a.txt', 'b.txt'], target: 'x'.repeat(300), code: 1, message: /several files/ },
    { args: ['missing'], target: '.', code: 1, message: /missing/ },
    { args: ['a.txt', 'b.txt'], target: '-', code: 2, message: /standard output takes one file/ },
    { args: ['--json', 'a.txt'], target: '-', code: 2, message: /standard output takes the file or/ },
  ])(
    '$args -> $target exits with $code and leaves all as it was',
    async ({ args, target, code, message }) => {
      const cwd = place()
      const words = args.map((word) => (word.startsWith('-') ? word : `${host()}:${word}`))
      const { stdout, stderr, exitCode } = await copy('get', [...words, target], { cwd })
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: code })
      expect(stderr).toMatch(message)
      expect(readdirSync(cwd)).toEqual(['dest', 'old.txt'])
    },
  )

  it('that is interrupted leaves the old file and nothing else, and exits with 130', async () => {
    writeFileSync(join(remoteHome, 'huge'), '')
    truncateSync(join(remoteHome, 'huge'), 4 * 1024 ** 3)
    const cwd = place()
    const child = start(['get', ...flags(), `${host()}:huge`, 'old.txt'], { env, cwd })
    const result = ended(child)
    while (readdirSync(cwd).length < 3) await delay(20)
    child.kill('SIGINT')
    expect(await result).toMatchObject({ stdout: '', stderr: '', exitCode: 130 })
    expect(readdirSync(cwd)).toEqual(['dest', 'old.txt'])
    expect(statSync(join(cwd, 'old.txt')).size).toBe(31)
  })
})

describe('what is shown', () => {
  const hostile = 'in\u001b]0;forged\u0007\u001b[2J\r\u202e'

  beforeAll(() =>
    plant(remoteHome, { [`evil/${hostile}`]: { mode: 0o644, text: 'x' }, 'evil/b': { mode: 0o644 } }),
  )

  it('on a terminal is a line with a bar, and names there can do nothing', async () => {
    const cwd = place()
    symlinkSync('nowhere', join(remoteHome, 'evil', `l${hostile}`))
    const text = `stty cols 100; cd ${cwd}; $sallyport get ${flags().join(' ')} -r ${host()}:evil .`
    await using terminal = new Terminal(text, env)
    expect(await terminal.end()).toBe(0)
    // It throws at escapes that it does not know, of which those in the name are.
    const screen = new Screen(100)
    screen.write(terminal.shown)
    expect(screen.shown.join('\n')).toMatch(/^evil +\[=+\] {2}100% +1 B +\d+ B\/s +0:\d\d$/m)
    expect(screen.shown.join('')).toContain('lin\\x1b]0;forged\\x07\\x1b[2J\\r\\u202e')
    expect(readdirSync(join(cwd, 'evil')).sort()).toEqual(['b', hostile])
  })

  it('elsewhere is plain text, for which nothing that draws is loaded', () => {
    const spy = fileURLToPath(new URL('loaded-modules.cjs', import.meta.url))
    const args = ['--require', spy, program, 'get', ...flags(), `${host()}:a.txt`]
    const { stderr } = spawnSync(process.execPath, args, {
      cwd: place(),
      env: { ...process.env, ...env },
      encoding: 'utf8',
    })
    expect(stderr).toMatch(/^sallyport: 1 file, 5 B in 0:00, /)
    expect(stderr).not.toMatch(/cli-progress|\u001b/)
  })
})
