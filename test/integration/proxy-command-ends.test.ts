// A ProxyCommand that fails, babbles, is silent or goes away: what the caller is told, and that nothing stays behind.

import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  Connection,
  type ConnectionOptions,
  type GatewayCommand,
  ProxyCommandError,
  type SallyportError,
} from '../../src/index.js'
import { createNetwork, type Network } from '../../src/testing/index.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { childrenOf } from '../support/proc.js'
import { scratchDir } from '../support/run-dir.js'

let network: Network
let server: { readonly host: string; readonly port: number }
beforeAll(async () => {
  network = await createNetwork({ hosts: { inner: { listen: true } } })
  server = network.address('inner')
})
afterAll(() => network.close())

/** A connection to the server by that command. */
const by = (gateway: string | GatewayCommand, options: ConnectionOptions = {}): Connection =>
  new Connection(`ops@${server.host}:${server.port}`, { ...network.settings, gateway, ...options })

/** A shell script as the command: a process that has children. */
const script = (text: string): GatewayCommand => ({ command: ['/bin/sh', '-c', text, 'script', '%h', '%p'] })

/** Opens in vain; the error, and how long it took. */
async function failing(
  connection: Connection,
): Promise<{ readonly error: SallyportError; readonly ms: number }> {
  const begun = performance.now()
  const error = await failureOf(connection.open())
  const ms = performance.now() - begun
  expect(error.hop).toMatchObject({ index: 0, count: 1, user: 'ops', ...server })
  expect(connection.state).toBe('idle')
  await connection.close()
  return { error, ms }
}

describe('a ProxyCommand that cannot work', () => {
  leakCheck()

  test.each<[string, string | GatewayCommand, object]>([
    ['is not found', 'no-such-program -x', { exitCode: 127, stderrTail: expect.stringMatching(/not found/) }],
    ['is not executable', '/etc/passwd -x', { exitCode: 126, hint: expect.stringContaining('executable') }],
    [
      'is a list and not found',
      { command: ['/no/such', '-x'] },
      { exitCode: null, cause: { code: 'ENOENT' } },
    ],
    ['ends at once', 'true', { exitCode: 0, message: expect.stringMatching(/exited with status 0$/) }],
    ['closes its output', script('exec >&-; exit 9'), { exitCode: 9 }],
    ['is killed', script('kill -9 $$'), { exitCode: null, signal: 'SIGKILL' }],
    ['reads like a host', 'bastion', { hint: expect.stringContaining("write proxyJump: 'bastion'") }],
    ['reads like a user and a host', 'ops@bastion:22', { hint: expect.stringContaining('proxyJump') }],
  ])('because it %s says so at once', async (_, gateway, expected) => {
    const { error, ms } = await failing(by(gateway))
    expect(error).toMatchObject({ name: 'ProxyCommandError', code: 'PROXY_COMMAND_FAILED', ...expected })
    expect(['dial', 'version']).toContain(error.phase)
    expect(ms).toBeLessThan(3000)
  })

  test('shows the end of what it complained of, four KiB at most and without escapes', async () => {
    const text =
      'head -c 1000000 /dev/zero | tr "\\0" x >&2; printf "\\033[2Jno route\\rto host\\n" >&2; exit 1'
    const { error } = await failing(by(script(text)))
    if (!(error instanceof ProxyCommandError)) throw error
    const { stderrTail, message } = error
    expect(stderrTail).toMatch(/^…?x{3000,4096}\\x1b\[2Jno route\\rto host\n$/)
    expect(stderrTail.length).toBeLessThanOrEqual(4096 + 10)
    expect(message).toMatch(/exited with status 1: x*.*$/)
    expect(message).not.toContain('\n')
    expect(message.length).toBeLessThan(400)
  })

  test.each([
    ['lines for ever', 'yes no-ssh-here', 'NOT_SSH'],
    ['one line without end', "tr '\\0' x < /dev/zero", 'NOT_SSH'],
    ['bytes that are no text', 'printf "\\0\\377\\0"; sleep 60', 'NOT_SSH'],
    ['another protocol', 'echo HTTP/1.1 400 Bad Request; sleep 60', 'NOT_SSH'],
    ['an old version', 'echo SSH-1.5-old; sleep 60', 'NOT_SSH'],
    ['garbage after the version', 'echo SSH-2.0-x; seq 1000; sleep 60', 'PROTOCOL_ERROR'],
  ])('because it says %s is ended', async (_, text, code) => {
    const { error, ms } = await failing(by(script(text)))
    expect(error).toMatchObject({ code })
    expect(ms).toBeLessThan(4000)
  })

  test('because it says nothing and reads nothing is ended in time, with all that it started', async () => {
    const children = childrenOf('self')
    const connection = by(script('sleep 100 & sleep 100 | sleep 100'), { connectTimeoutMs: 300 })
    const { error, ms } = await failing(connection)
    expect(error).toMatchObject({ code: 'TIMEOUT', phase: 'version' })
    expect(ms).toBeGreaterThan(295)
    expect(ms).toBeLessThan(4000)
    expect(childrenOf('self')).toEqual(children)
  })

  test('because it closes its input is ended, and nobody hears of a broken pipe', async () => {
    const { error } = await failing(by(script('exec <&-; sleep 0.2; echo SSH-2.0-deaf; sleep 100')))
    expect(error).toMatchObject({ code: 'PROXY_COMMAND_FAILED', phase: 'key-exchange', exitCode: null })
  })
})

describe('a ProxyCommand that works', () => {
  leakCheck()

  test('may say something before the server does, as sshd may', async () => {
    await using connection = by(script('echo a word of welcome; exec nc "$1" "$2"'))
    expect(await connection.run('hostname')).toMatchObject({ stdout: 'inner\n' })
  })

  test('may complain without end while it is in use', async () => {
    const babble = 'while head -c 100000 /dev/zero; do :; done >&2 & exec nc "$1" "$2"'
    await using connection = by(script(babble))
    await connection.open()
    const before = process.memoryUsage.rss()
    const input = Buffer.alloc(8 * 2 ** 20, 'x')
    const { stdout } = await connection.run('cat', { input, maxOutputBytes: input.length })
    expect(stdout).toHaveLength(input.length)
    expect(process.memoryUsage.rss() - before).toBeLessThan(160 * 2 ** 20)
  })

  test('and is killed takes the commands with it, with the signal told, and is started anew on the next use', async () => {
    const file = join(scratchDir('pid'), 'pid')
    await using connection = by(script(`echo $$ > ${file}; exec nc "$1" "$2"`))
    await using child = await connection.spawn('cat')
    const { closed } = connection
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL')
    await expect(child.wait()).rejects.toMatchObject({ code: 'CONNECTION_LOST', hop: { index: 0 } })
    const lost = { name: 'ProxyCommandError', code: 'CONNECTION_LOST', phase: 'session', signal: 'SIGKILL' }
    expect(await closed).toMatchObject({ reason: 'lost', error: lost })
    expect(connection.state).toBe('lost')
    expect(await connection.run('hostname')).toMatchObject({ stdout: 'inner\n' })
  })

  test('and closes its input in the middle of a transfer ends it, and nobody hears of a broken pipe', async () => {
    // The reader alone has the input, so that it is closed when the reader ends.
    const reader = 'dd bs=1 count=20000 2>/dev/null <&3 3<&- | nc "$1" "$2" 3<&- &'
    await using connection = by(script(`exec 3<&0 </dev/null; ${reader} exec 3<&-; wait`))
    const failure = connection.run('cat', { input: Buffer.alloc(2 ** 22) })
    await expect(failure).rejects.toMatchObject({ code: 'CONNECTION_LOST', hop: { index: 0 } })
  })

  test('is told the host, the name, the port, the user and the alias, and a percent sign', async () => {
    const directory = scratchDir('tokens')
    const file = join(directory, 'tokens')
    const program = join(directory, 'proxy')
    writeFileSync(program, `#!/bin/sh\nprintf '%s|' "$@" > ${file}\nexec nc "$1" "$2"\n`)
    chmodSync(program, 0o755)
    const options = { hostName: server.host, hostKeyAlias: 'inner', port: server.port, user: 'ops' }
    const expected = `${server.host}|${server.port}|nick|ops|inner|50%|`
    for (const gateway of [
      `${program} %h %p %n %r %k 50%%`,
      { command: [program, '%h', '%p', '%n', '%r', '%k', '50%%'] },
    ]) {
      await using connection = new Connection('nick', { ...network.settings, ...options, gateway })
      expect(await connection.run('hostname')).toMatchObject({ stdout: 'inner\n' })
      expect(readFileSync(file, 'utf8')).toBe(expected)
    }
    for (const token of ['%z', '%H', '% ', '%']) {
      const error = expect.objectContaining({ name: 'ConfigError', code: 'UNKNOWN_TOKEN' })
      await expect(by(`nc ${token}`).resolve()).rejects.toThrow(error)
      await expect(by({ command: ['nc', token] }).resolve()).rejects.toThrow(error)
    }
  })
})
