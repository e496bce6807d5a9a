import { once } from 'node:events'
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type ProxyCommandError, SallyportError } from '../../../src/errors.js'
import { type CommandRequest, openCommand } from '../../../src/transport/command.js'
import type { Link } from '../../../src/transport/link.js'
import { leakCheck } from '../../support/leak-check.js'
import { findStateOf, textOf } from '../../support/proc.js'
import { startRawServer } from '../../support/raw-server.js'
import { scratchDir } from '../../support/run-dir.js'
import { hop, rejection } from './hop.js'

leakCheck()

const never = new AbortController().signal
const open = (command: CommandRequest['command'], more: Partial<CommandRequest> = {}) =>
  openCommand({ command, hop, signal: never, ...more })
const shell = (text: string, more: Partial<CommandRequest> = {}) => open({ shell: text }, more)
/** A shell script as the command: a process that may have children. */
const script = (text: string) => open({ argv: ['/bin/sh', '-c', text] })

const pidOf = (link: Link): number => Number(link.description.replace('process ', ''))
const isGone = (pid: number): boolean => findStateOf(pid) === undefined
/** For processes that are not our children: how soon they are reaped is up to init. */
const isDead = (pid: number): boolean => /^Z?$/.test(findStateOf(pid) ?? '')

/** Reads until `text` has come. */
async function readUntil(link: Link, text: string): Promise<string> {
  let seen = ''
  link.stream.on('data', (chunk) => {
    seen += chunk
  })
  await expect.poll(() => seen, { timeout: 5000 }).toContain(text)
  return seen
}

/** The error that a command ends its stream with; the link is closed then. */
async function errorOf(opening: Promise<Link>): Promise<ProxyCommandError> {
  const link = await opening
  link.stream.resume()
  const [error] = await once(link.stream, 'error')
  await link.close()
  return error
}

describe('a ProxyCommand', () => {
  it('is a stream in both directions, and each can end alone', async () => {
    const link = await open({ argv: ['sort'] })
    link.stream.end('b\na\n')
    expect(await readUntil(link, 'b')).toBe('a\nb\n')
    await link.close()
  })

  it('is not preceded by what the start-up file of bash prints', async () => {
    const home = scratchDir('bash-home')
    writeFileSync(join(home, '.bashrc'), 'echo from the start-up file\n')
    for (const SHLVL of [undefined, '0', '3']) {
      const link = await shell('echo first', {
        env: { PATH: process.env['PATH'], HOME: home, SHELL: '/bin/bash', SHLVL },
      })
      expect(await readUntil(link, 'first\n')).toBe('first\n')
      await link.close()
    }
  })

  it('is run by the shell of the user, with exec, so that there is no process between', async () => {
    const link = await shell("sh -c 'echo $PPID; exec cat'", { env: { ...process.env, SHELL: '/bin/bash' } })
    const seen = await readUntil(link, '\n')
    expect(Number(seen)).toBe(process.pid)
    expect(textOf(`/proc/${pidOf(link)}/comm`)).toBe('cat\n')
    await link.close()
  })

  it('takes /bin/sh when there is no SHELL', async () => {
    const { PATH } = process.env
    const link = await shell('echo "$0"; cat', { env: { PATH } })
    expect(await readUntil(link, '\n')).toBe('/bin/sh\n')
    await link.close()
  })

  it('is run without a shell when it is a list', async () => {
    const error = await errorOf(open({ argv: ['echo', '$HOME; true', '--', '-x'] }))
    expect(error).toMatchObject({ exitCode: 0 })
    const link = await open({ argv: ['printf', '%s|', '$HOME', '`id`', '-x'] })
    expect(await readUntil(link, '-x')).toBe('$HOME|`id`|-x|')
    await link.close()
  })

  it('has a session of its own, so that Ctrl-C in the terminal does not reach it', async () => {
    const link = await open({ argv: ['cat'] })
    const [, , group, session] = statOf(pidOf(link))
    expect([group, session]).toEqual([String(pidOf(link)), String(pidOf(link))])
    await link.close()
  })

  it('passes mebibytes through without loss, at the pace of the reader', async () => {
    const link = await open({ argv: ['cat'] })
    const piece = Buffer.alloc(65_536, 'x')
    let sent = 0
    const source = Readable.from(
      (function* () {
        for (; sent < 64; sent++) yield piece
      })(),
    )
    source.pipe(link.stream)
    await expect.poll(() => link.stream.writableNeedDrain && link.stream.readableLength > 0).toBe(true)
    // Nobody reads: what is under way fits into the buffers on the way.
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(sent).toBeLessThan(40)
    let received = 0
    link.stream.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    await expect.poll(() => received).toBe(64 * piece.length)
    await link.close()
  })

  it('says which process it is, and keeps the program alive only while it is referenced', async () => {
    const link = await open({ argv: ['cat'] })
    const count = () => process.getActiveResourcesInfo().filter((n) => /Process|Pipe/.test(n)).length
    const before = count()
    link.unref()
    expect(count()).toBe(before - 4)
    link.ref()
    expect(count()).toBe(before)
    await link.close()
  })
})

describe('a ProxyCommand that ends', () => {
  it('is named with its status and the last line of its standard error', async () => {
    const error = await errorOf(script('echo first >&2; echo "no route to \x1b[1mhost" >&2; exit 1'))
    expect(error).toMatchObject({
      name: 'ProxyCommandError',
      code: 'PROXY_COMMAND_FAILED',
      hop,
      phase: 'dial',
      exitCode: 1,
      signal: null,
      stderrTail: 'first\nno route to \\x1b[1mhost\n',
      message: 'inner (hop 2 of 2): the ProxyCommand exited with status 1: no route to \\x1b[1mhost',
    })
  })

  it('at once and without a word is an error too', async () => {
    const error = await errorOf(open({ argv: ['true'] }))
    expect(error).toMatchObject({ exitCode: 0, stderrTail: '' })
    expect(error.message).toMatch(/exited with status 0$/)
  })

  it('lets what it wrote be read first, however late the reader comes', async () => {
    const link = await script('echo SSH-1.5-x; exit 3')
    await expect.poll(() => isGone(pidOf(link))).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 300))
    const seen: string[] = []
    link.stream.on('data', (chunk) => seen.push(String(chunk)))
    const [error] = await once(link.stream, 'error')
    expect(seen).toEqual(['SSH-1.5-x\n'])
    expect(error).toMatchObject({ exitCode: 3 })
    await link.close()
  })

  it('by a signal is named with the signal', async () => {
    const link = await open({ argv: ['cat'] })
    process.kill(pidOf(link), 'SIGKILL')
    const [error] = await once(link.stream, 'error')
    expect(error).toMatchObject({ exitCode: null, signal: 'SIGKILL' })
    await link.close()
  })

  it('is laid to the phase that the hop was in', async () => {
    const error = await errorOf(shell('exit 1', { phase: () => 'key-exchange' }))
    expect(error.phase).toBe('key-exchange')
  })

  it.each([
    ['is not found', 'nothing-of-that-name -x', 127],
    ['is not executable', '/etc/passwd -x', 126],
  ])('because it %s has a hint', async (_, text, exitCode) => {
    const error = await errorOf(shell(text))
    expect(error).toMatchObject({ exitCode, hint: expect.stringContaining('PATH') })
  })

  it.each(['bastion', 'ops@bastion.example.com:2222'])(
    'because it is a host has a better one: %s',
    async (text) => {
      const error = await errorOf(shell(text))
      expect(error.hint).toContain(`write proxyJump: '${text}'`)
    },
  )

  it.each([
    'sh: 1: cannot create /dev/tty: No such device or address',
    'ssh_askpass: exec(/usr/bin/ssh-askpass): No such file or directory',
    'Host key verification failed.',
    'ops@gate: Permission denied (publickey,password).',
  ])('because it has no terminal to ask at has a hint that says so: %s', async (words) => {
    const error = await errorOf(open({ argv: ['/bin/sh', '-c', 'echo "$0" >&2; exit 255', words] }))
    expect(error.hint).toContain('no terminal to ask at')
  })

  it('for another reason has no hint about terminals', async () => {
    const error = await errorOf(script('echo "Permission denied on /srv/x" >&2; exit 1'))
    expect(error.hint).toBeUndefined()
  })

  it('has its status in the error although it closed its output long before', async () => {
    const error = await errorOf(script('exec >&-; sleep 0.3; exit 7'))
    expect(error).toMatchObject({ exitCode: 7 })
  })

  it('is not waited for longer than a second when it closes its output and lives on', async () => {
    const begun = performance.now()
    const error = await errorOf(script('exec >&-; exec sleep 60'))
    expect(performance.now() - begun).toBeLessThan(2000)
    expect(error).toMatchObject({ exitCode: null, signal: null })
    expect(error.message).toContain('closed the stream without exiting')
  })

  it('is noticed by a write when it has closed its input', async () => {
    const link = await script('exec <&-; echo closed; exec sleep 60')
    await readUntil(link, 'closed')
    link.stream.write('x')
    const [error] = await once(link.stream, 'error')
    expect(error).toMatchObject({ code: 'PROXY_COMMAND_FAILED' })
    await link.close()
  })

  it('does not leave us waiting for a grandchild that keeps the output open', async () => {
    const link = await script(
      'trap "" HUP; sh -c "trap \'\' HUP; echo \\$\\$; exec sleep 60" & sleep 0.2; exit 5',
    )
    const grandchild = Number(await readUntil(link, '\n'))
    const begun = performance.now()
    const [error] = await once(link.stream, 'error')
    expect(performance.now() - begun).toBeLessThan(1000)
    expect(error).toMatchObject({ exitCode: 5 })
    await link.close()
    expect(isDead(grandchild)).toBe(true)
  })

  it('may fill its standard error with mebibytes; the end of it is kept', async () => {
    const error = await errorOf(script('head -c 3000000 /dev/zero | tr "\\0" x >&2; echo last >&2; exit 1'))
    expect(error.stderrTail).toHaveLength(4096)
    expect(error.stderrTail).toMatch(/^x+last\n$/)
  })

  it('raises no alarm when it ends because we closed it', async () => {
    const link = await open({ argv: ['cat'] })
    link.stream.on('error', (error) => expect.unreachable(String(error)))
    await link.close()
    expect(link.stream.errored).toBeNull()
  })
})

describe('a ProxyCommand that cannot be started', () => {
  it('is a rejection with a hint and without the arguments, which may be secret', async () => {
    const error = await rejection(open({ argv: ['/nowhere/at/all', '--password', 'hunter2'] }))
    expect(error).toMatchObject({
      code: 'PROXY_COMMAND_FAILED',
      hop,
      phase: 'dial',
      exitCode: null,
      hint: expect.stringContaining('PATH'),
      cause: { code: 'ENOENT' },
    })
    expect(JSON.stringify(Object.entries((error as Error).cause as object))).not.toContain('hunter2')
  })

  it('for want of the right to execute it is one too', async () => {
    const file = join(scratchDir('command'), 'not-executable')
    writeFileSync(file, '#!/bin/sh\n')
    chmodSync(file, 0o644)
    expect(await rejection(open({ argv: [file] }))).toMatchObject({ cause: { code: 'EACCES' } })
  })

  it('because node refuses its arguments is one too', async () => {
    expect(await rejection(open({ argv: ['echo', 'a\0b'] }))).toMatchObject({ code: 'PROXY_COMMAND_FAILED' })
  })

  it('is not started when the call was aborted before', async () => {
    const error = await rejection(shell('touch /nowhere', { signal: AbortSignal.abort('no') }))
    expect(error).toMatchObject({ name: 'AbortError', hop, phase: 'dial', cause: 'no' })
    const timeout = new SallyportError('TIMEOUT', 'too slow', { hop })
    expect(await rejection(shell('true', { signal: AbortSignal.abort(timeout) }))).toBe(timeout)
  })
})

describe('close', () => {
  it('hangs up, and resolves when the process is reaped', async () => {
    const link = await script('trap "exit 0" HUP; echo ready; while :; do sleep 0.05; done')
    await readUntil(link, 'ready')
    const begun = performance.now()
    await link.close()
    expect(performance.now() - begun).toBeLessThan(500)
    expect(isGone(pidOf(link))).toBe(true)
  })

  it('terminates after half a second what ignores that', async () => {
    const link = await script('trap "" HUP; echo ready; exec sleep 60')
    await readUntil(link, 'ready')
    const begun = performance.now()
    await link.close()
    expect(performance.now() - begun).toBeGreaterThan(450)
    expect(performance.now() - begun).toBeLessThan(1500)
    expect(isGone(pidOf(link))).toBe(true)
  })

  it('kills after two seconds what ignores everything', async () => {
    const link = await script('trap "" HUP TERM; echo ready; exec sleep 60')
    await readUntil(link, 'ready')
    const begun = performance.now()
    await link.close()
    expect(performance.now() - begun).toBeGreaterThan(1900)
    expect(performance.now() - begun).toBeLessThan(2900)
    expect(isGone(pidOf(link))).toBe(true)
  })

  it('ends the grandchildren too, also those that outlive the child', async () => {
    const link = await script('sh -c "trap \'\' HUP; echo \\$\\$; exec sleep 60" & wait')
    const grandchild = Number(await readUntil(link, '\n'))
    await link.close()
    expect([isGone(pidOf(link)), isDead(grandchild)]).toEqual([true, true])
  })

  it('is what destroying the stream comes to', async () => {
    const link = await open({ argv: ['sleep', '60'] })
    link.stream.destroy()
    await expect.poll(() => isGone(pidOf(link))).toBe(true)
    await link.close()
  })

  it('may be called twice, and after the end', async () => {
    const link = await open({ argv: ['cat'] })
    await Promise.all([link.close(), link.close()])
    await link.close()
  })

  it('signals nobody once the process was reaped and its group is empty', async () => {
    const link = await open({ argv: ['true'] })
    link.stream.resume()
    await once(link.stream, 'error')
    await link.close()
    const kill = process.kill
    const signalled: number[] = []
    process.kill = (pid) => {
      signalled.push(pid)
      return true
    }
    await link.close()
    process.kill = kill
    expect(signalled).toEqual([])
  })

  it('leaves no descriptor and no zombie behind a hundred commands', async () => {
    const descriptors = () => readdirSync('/proc/self/fd').length
    const cycle = async (i: number): Promise<number> => {
      const link = await shell(i % 2 === 0 ? 'cat' : 'exit 1')
      link.stream.resume()
      if (i % 2 === 1) await once(link.stream, 'error')
      await link.close()
      return pidOf(link)
    }
    await cycle(0)
    const before = descriptors()
    const pids: number[] = []
    for (let i = 0; i < 100; i++) pids.push(await cycle(i))
    expect(descriptors()).toBe(before)
    expect(pids.filter((pid) => !isGone(pid))).toEqual([])
  })
})

describe('a real connection', () => {
  it('goes through a command as it goes through a socket', async () => {
    await using server = await startRawServer((peer) => peer.socket.pipe(peer.socket))
    const relay = `const s = require('net').connect(${server.port}, '${server.host}'); process.stdin.pipe(s).pipe(process.stdout)`
    const link = await open({ argv: [process.execPath, '-e', relay] })
    link.stream.write('there and back')
    expect(await readUntil(link, 'back')).toBe('there and back')
    const direct = connect(server)
    await once(direct, 'connect')
    direct.destroy()
    await link.close()
    await expect.poll(() => server.live()).toBe(0)
  })
})

function statOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(0, 4)
}
