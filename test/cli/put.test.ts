// `sallyport put` through a gateway, beside the real scp.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { scratchDir } from '../support/run-dir.js'
import { Screen } from '../support/screen.js'
import { freePort } from '../support/sshd.js'
import { filesRig, plant, snapshot, type Tree } from './files-rig.js'
import { ended, sallyport, start, Terminal } from './program.js'

const { chain, env, remoteHome, flags, host, copy, scp } = filesRig()

const here: Tree = {
  'a.txt': { mode: 0o644, text: 'first' },
  'run.sh': { mode: 0o755, text: '#!/bin/sh' },
  private: { mode: 0o600, text: 'secret' },
  'a:b': { mode: 0o644, text: 'colon' },
  'with space': { mode: 0o664, text: 'space' },
  'dir/x.txt': { mode: 0o640, text: 'x' },
  'dir/sub/run.sh': { mode: 0o777, text: 'y' },
  'dir/sub/': { mode: 0o750 },
  'dir/empty/': { mode: 0o755 },
  'dir/': { mode: 0o755 },
}

const there: Tree = {
  'dest/': { mode: 0o755 },
  'old.txt': { mode: 0o640, text: 'old, and longer than what comes' },
}

const local = scratchDir('put')
plant(local, here)

let places = 0

/** A new directory in the remote home. */
function place(): string {
  places += 1
  const name = `place-${places}`
  plant(join(remoteHome, name), there)
  return name
}

describe.concurrent('put leaves what scp leaves', () => {
  it.each([
    { flags: '', sources: ['run.sh'], target: 'new.sh' },
    { flags: '', sources: ['a.txt'], target: 'old.txt' },
    { flags: '-p', sources: ['private'], target: 'old.txt' },
    { flags: '', sources: ['a.txt', 'run.sh', './a:b', 'with space'], target: 'dest' },
    { flags: '-r', sources: ['dir'], target: 'dest' },
    { flags: '-rp', sources: ['dir', 'private'], target: 'dest/' },
    { flags: '-r', sources: ['dir'], target: 'newdir' },
    { flags: '', sources: ['a.txt', 'dir'], target: 'dest' },
  ])('$flags $sources -> $target', async ({ flags: letters, sources, target }) => {
    const [ours, theirs] = [place(), place()]
    const words = (to: string): readonly string[] => [
      ...(letters === '' ? [] : [letters]),
      ...sources,
      `${host()}:${to}/${target}`,
    ]
    const [result, code] = await Promise.all([
      copy('put', words(ours), { cwd: local }),
      scp(words(theirs), { cwd: local }),
    ])
    // Its number differs with what failed.
    expect(result.exitCode, result.stderr).toBe(code === 0 ? 0 : 1)
    expect(result.stdout).toBe('')
    expect(snapshot(join(remoteHome, ours))).toEqual(snapshot(join(remoteHome, theirs)))
  })

  it('into the home directory where no path is given, through the gateway', async () => {
    const before = chain().passages()
    expect((await copy('put', ['private', `${host()}:`], { cwd: local })).exitCode).toBe(0)
    expect(readFileSync(join(remoteHome, 'private'), 'utf8')).toBe('secret')
    // Others of these tests go there, too.
    expect(chain().passages()[0]).toBeGreaterThan(before[0] ?? 0)
  })

  it('at an address, whose path begins in the home directory', async () => {
    const { user, host: name, port } = chain().at(1)
    const to = place()
    const gateway = flags().slice(0, 2)
    const address = `scp://${user}@${name}:${port}/${to}/dest/with%20blank`
    const { exitCode } = await sallyport(['put', ...gateway, 'a.txt', address], { env, cwd: local })
    expect(exitCode).toBe(0)
    expect(readFileSync(join(remoteHome, to, 'dest/with blank'), 'utf8')).toBe('first')
  })
})

describe.concurrent('put', () => {
  it('takes standard input for -', async () => {
    const to = place()
    const { exitCode } = await copy('put', ['-q', '-', `${host()}:${to}/piped`], { input: 'from a pipe\n' })
    expect(exitCode).toBe(0)
    expect(readFileSync(join(remoteHome, to, 'piped'), 'utf8')).toBe('from a pipe\n')
  })

  it('several files go to a directory that only the host can name, and a bad name keeps none from its turn', async () => {
    const name = place()
    const at = place()
    mkdirSync(join(remoteHome, `${at}/of-${chain().at(1).host}`))
    const long = 'x'.repeat(300)
    const [home, template] = await Promise.all([
      copy('put', ['a.txt', long, 'run.sh', `${host()}:~/${name}`], { cwd: local }),
      copy('put', ['a.txt', 'run.sh', `${host()}:${at}/of-{host}`], { cwd: local }),
    ])
    expect([home.exitCode, template.exitCode], home.stderr + template.stderr).toEqual([1, 0])
    expect(home.stderr).toMatch(/name too long/i)
    expect(readdirSync(join(remoteHome, name))).toEqual(['a.txt', 'dest', 'old.txt', 'run.sh'])
    expect(readdirSync(join(remoteHome, `${at}/of-${chain().at(1).host}`))).toEqual(['a.txt', 'run.sh'])
  })

  it('says at the end what it did, and nothing with -q', async () => {
    const to = `${host()}:${place()}/dest`
    const { stderr, exitCode } = await copy('put', ['a.txt', 'run.sh', to], { cwd: local })
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^sallyport: 2 files, 14 B in 0:\d\d, [\d.]+ \w+\/s\n$/)
    const quiet = await copy('put', ['-q', 'a.txt', to], { cwd: local })
    expect(quiet).toEqual({ stdout: '', stderr: '', exitCode: 0 })
  })

  it('--json prints a line for each name, and one that fails does not keep the next from its turn', async () => {
    const to = `${host()}:${place()}/dest`
    const { stdout, stderr, exitCode } = await copy('put', ['--json', 'missing', 'a.txt', to], { cwd: local })
    expect(exitCode).toBe(1)
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    expect(documents).toEqual([
      expect.objectContaining({
        event: 'failed',
        source: 'missing',
        error: expect.objectContaining({ code: 'LOCAL_FILE_FAILED' }),
      }),
      expect.objectContaining({
        event: 'copied',
        source: 'a.txt',
        local: join(local, 'a.txt'),
        files: 1,
        directories: 0,
        bytes: 5,
      }),
    ])
    expect(stderr).toMatch(/^sallyport: error: .*missing/)
  })

  it('--checksum compares both ends', async () => {
    const to = place()
    const { exitCode } = await copy('put', ['--checksum', 'a.txt', `${host()}:${remoteHome}/${to}/sum`], {
      cwd: local,
    })
    expect(exitCode).toBe(0)
    expect(readFileSync(join(remoteHome, to, 'sum'), 'utf8')).toBe('first')
  })

  it.each([
    { args: ['a.txt', 'run.sh', 'old.txt'], code: 1, message: /several files.*no directory/ },
    { args: ['a.txt', 'run.sh', 'nothing'], code: 1, message: /several files.*no such directory/ },
    { args: ['dir', 'new'], code: 1, message: /dir.*directory/ },
    { args: ['a.txt', 'nothing/new'], code: 1, message: /nothing/ },
  ])('$args fails with $code and leaves all as it was', async ({ args, code, message }) => {
    const to = place()
    const words = [...args.slice(0, -1), `${host()}:${to}/${args.at(-1)}`]
    const { stdout, stderr, exitCode } = await copy('put', words, { cwd: local })
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: code })
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^hint: /m)
    expect(readdirSync(join(remoteHome, to))).toEqual(['dest', 'old.txt'])
  })

  it('without a connection, or without sftp there, exits with 255', async () => {
    const { user, host: name, port } = chain().at(0)
    const free = await freePort(name)
    const run = (wanted: number) =>
      sallyport(['put', '-P', String(wanted), 'a.txt', `${user}@${name}:x`], { env, cwd: local })
    const [refused, withoutSftp] = await Promise.all([run(free), run(port)])
    expect(refused).toMatchObject({ stdout: '', exitCode: 255 })
    expect(refused.stderr).toMatch(/^sallyport: error: .*ECONNREFUSED/)
    expect(withoutSftp).toMatchObject({ stdout: '', exitCode: 255 })
    expect(withoutSftp.stderr).toMatch(/^sallyport: error: .*(?:sftp|SFTP)/)
  })

  it.each([
    { args: ['a.txt', 'h;x:y'], message: /characters that are not allowed/ },
    { args: ['-P', '0', 'a.txt', 'h:'], message: /^sallyport: error: -P: must be a whole number/ },
  ])('$args is misuse', async ({ args, message }) => {
    const { stdout, stderr, exitCode } = await sallyport(['put', ...args], { env })
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
    expect(stderr).toMatch(message)
  })

  it('that is interrupted leaves the old file and nothing else, and exits with 130', async () => {
    const to = place()
    const child = start(['put', ...flags(), '-', `${host()}:${to}/old.txt`], { env, input: 'open' })
    const result = ended(child)
    child.stdin.write('the beginning')
    while (readdirSync(join(remoteHome, to)).length < 3) await delay(20)
    child.kill('SIGINT')
    expect(await result).toMatchObject({ stdout: '', stderr: '', exitCode: 130 })
    expect(snapshot(join(remoteHome, to))).toEqual([
      'dest 755 old directory',
      'old.txt 640 old "old, and longer than what comes"',
    ])
  })
})

describe('on a terminal', () => {
  const on = (text: string): Promise<readonly string[]> => screenOf(`stty cols 100; cd ${local}; ${text}`)

  async function screenOf(text: string): Promise<readonly string[]> {
    await using terminal = new Terminal(text, env)
    await terminal.end()
    const screen = new Screen(100)
    screen.write(terminal.shown)
    return screen.shown
  }

  it('each file keeps a line with its bar, and all together have one at the end', async () => {
    const shown = await on(`$sallyport put ${flags().join(' ')} a.txt private ${host()}:${place()}/dest`)
    expect(shown).toEqual([
      expect.stringMatching(/^a\.txt +\[=+\] {2}100% +5 B +[\d.]+ \w+\/s +0:\d\d$/),
      expect.stringMatching(/^private +\[=+\] {2}100% +6 B +[\d.]+ \w+\/s +0:\d\d$/),
      expect.stringMatching(/^sallyport: 2 files, 11 B in 0:\d\d, /),
      '',
    ])
  })

  it('a directory has a line, whatever the files in it are called, and -q shows nothing', async () => {
    const hostile = 'a\u001b]0;forged\u0007b\u001b[2J'
    mkdirSync(join(local, hostile), { recursive: true })
    writeFileSync(join(local, hostile, 'in\u009b31m'), 'x')
    const to = place()
    const text = `put ${flags().join(' ')} -r "$dir" ${host()}:${to}/dest`
    const shown = await on(`dir=$(printf 'a\\033]0;forged\\007b\\033[2J'); $sallyport ${text}`)
    expect(shown).toEqual([expect.stringMatching(/^a\\x1b\]0;forged\\x07b\\x1b\[2J +\[=+\] {2}100%/), ''])
    expect(existsSync(join(remoteHome, to, 'dest', hostile, 'in\u009b31m'))).toBe(true)
    expect(await on(`$sallyport put -q ${flags().join(' ')} a.txt ${host()}:${to}/dest`)).toEqual([''])
  })
})
