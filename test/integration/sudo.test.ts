// Commands as other users, by the real sudo on a real sshd.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Connection } from '../../src/connection.js'
import { sh } from '../../src/exec/command.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { createSudoUser, type SudoUser } from '../support/sudo-user.js'

let user: SudoUser
let sshd: Sshd
let host: Connection
beforeAll(async () => {
  user = await createSudoUser()
  sshd = await startSshd({ user: user.name, config: ['LogLevel INFO'] })
  host = await connectionTo(sshd).open()
})
afterAll(async () => {
  await host?.close()
  await sshd.stop()
  await user[Symbol.asyncDispose]()
})

const withPassword = '{user} ALL=(ALL:ALL) ALL'
const withoutPassword = '{user} ALL=(ALL:ALL) NOPASSWD: SETENV: ALL'

leakCheck()

describe('sudo with a password', () => {
  beforeEach(() => user.rules(withPassword))

  test('runs all of a text as root, and shows neither prompt nor lecture', async () => {
    const { password } = user
    const result = await host.sudo('cd /root && id -un; pwd; echo told >&2', { password })
    expect(result).toMatchObject({ stdout: 'root\n/root\n', stderr: 'told\n', exitCode: 0 })
    expect(result.command).toBe('cd /root && id -un; pwd; echo told >&2')
  })

  test('runs a list as the program that it is, which sudoers may allow alone', async () => {
    user.rules('{user} ALL=(root) /usr/bin/id', 'Defaults:{user} lecture=always')
    const { password } = user
    expect(await host.sudo(['id', '-un'], { password })).toMatchObject({ stdout: 'root\n', stderr: '' })
    const refused = host.sudo(['cat', '/etc/shadow'], { password })
    await expect(refused).rejects.toMatchObject({
      name: 'CommandError',
      code: 'SUDO_REFUSED',
      message: expect.stringMatching(/is not allowed to execute '\/usr\/bin\/cat \/etc\/shadow' as root/),
    })
  })

  test('asks a function only when sudo asks, and tells it who asks', async () => {
    const asked: unknown[] = []
    const password = (question: unknown): Promise<string> => {
      asked.push(question)
      return Promise.resolve(user.password)
    }
    await host.sudo(['true'], { password, user: 'nobody' })
    expect(asked).toMatchObject([{ user: 'nobody', hop: { host: sshd.host, user: user.name } }])
    user.rules(withoutPassword)
    await host.sudo('true', { password })
    await host.sudo('true', { password, input: 'x' })
    expect(asked).toHaveLength(1)
    user.rules(withPassword)
    const broken = new Error('no keyring')
    await expect(host.sudo('true', { password: () => Promise.reject(broken) })).rejects.toBe(broken)
  })

  test('gives the input to the command and to nobody else, whether sudo asks or not', async () => {
    const { password } = user
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251))
    for (const rule of [withPassword, withoutPassword]) {
      user.rules(rule)
      for (const command of ['cat', ['cat']]) {
        const { stdout, stderr } = await host.sudo(command, {
          password,
          input: Readable.from([bytes]),
          encoding: 'buffer',
        })
        expect(stdout.equals(bytes)).toBe(true)
        expect(stderr).toHaveLength(0)
      }
      expect(await host.sudo('cat', { password })).toMatchObject({ stdout: '' })
    }
  })

  test('is not asked again while sudo remembers, and the command never gets the password', async () => {
    user.rules(withPassword, 'Defaults:{user} timestamp_timeout=5, timestamp_type=global')
    const { password } = user
    await host.sudo('true', { password })
    expect(await host.sudo('cat', { password: () => expect.unreachable() })).toMatchObject({ stdout: '' })
    expect(await host.sudo(['cat'], { password, input: 'mine' })).toMatchObject({ stdout: 'mine' })
    await host.run('sudo -K')
  })

  test('that is wrong is an error at once, with and without a terminal, and none of the input is tried', async () => {
    const wrong = { password: 'wrong-CANARY', input: `${user.password}\n` }
    const errors = await Promise.all(
      [false, true].map((pty) => host.sudo('cat', { ...wrong, pty }).catch((error) => error)),
    )
    for (const error of errors) {
      expect(error).toMatchObject({ name: 'CommandError', code: 'SUDO_PASSWORD_REFUSED' })
      expect(inspect(error) + JSON.stringify(error)).not.toMatch(/CANARY|^cat:/)
      expect(error.stdout + error.stderr).not.toContain(user.password)
    }
  })

  test('shows it in no list of processes, in no environment, and to nobody who watches', async () => {
    const told: unknown[] = []
    const listen = (message: unknown): void => void told.push(message)
    const names = ['sallyport:channel', 'sallyport:phase', 'sallyport:warning']
    for (const name of names) subscribe(name, listen)
    const look = 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; true'
    const { stdout } = await host.sudo(look, { password: user.password, input: 'x' })
    for (const name of names) unsubscribe(name, listen)
    expect(stdout).toContain('sudo')
    expect(told).not.toHaveLength(0)
    expect(stdout + inspect(told, { depth: 9 }) + inspect(host)).not.toContain(user.password)
  })

  test('works on a terminal, with requiretty, and leaves the rest of its output', async () => {
    user.rules(withPassword, 'Defaults:{user} requiretty')
    const { password } = user
    await expect(host.sudo('id -un', { password })).rejects.toMatchObject({
      code: 'SUDO_REFUSED',
      hint: 'give the option pty: true',
    })
    for (const command of ['tty -s && id -un', ['id', '-un']]) {
      expect(await host.sudo(command, { password, pty: true })).toMatchObject({
        stdout: 'root\r\n',
        stderr: '',
      })
    }
  })
})

describe('sudo without a password', () => {
  beforeEach(() => user.rules(withoutPassword))

  test('runs as another user, with another group, in a directory and with variables', async () => {
    const { stdout } = await host.sudo(sh`printf '%s|' "$(id -un)" "$(id -gn)" "$PWD" "$A" "$HOME"`, {
      user: 'games',
      group: 'daemon',
      cwd: '/usr/bin',
      env: { A: `it's` },
    })
    expect(stdout).toBe(`games|daemon|/usr/bin|it's|/usr/games|`)
    const options = { user: '#2', cwd: '/', env: { A: 'b' } }
    expect((await host.sudo(['printenv', 'A', 'USER'], options)).stdout).toBe('b\nbin\n')
  })

  test('keeps the variables that it is told to keep', async () => {
    const show = 'echo "$LOGNAME"'
    expect((await host.sudo(show)).stdout).toBe('root\n')
    expect((await host.sudo(show, { preserveEnv: ['LOGNAME', 'MAIL'] })).stdout).toBe(`${user.name}\n`)
    user.rules('{user} ALL=(ALL:ALL) NOPASSWD: NOSETENV: ALL')
    await expect(host.sudo(show, { preserveEnv: ['LOGNAME'] })).rejects.toMatchObject({
      code: 'SUDO_REFUSED',
      message: expect.stringContaining('LOGNAME'),
    })
  })

  test('gives output as run does: live, as bytes, bounded, and with its statuses', async () => {
    const heard: string[] = []
    await host.sudo('echo é; echo no >&2', {
      onStdout: (text) => heard.push(text),
      onStderr: (text) => heard.push(text),
    })
    expect(heard.sort()).toEqual(['no\n', 'é\n'])
    expect(await host.sudo(['sh', '-c', 'exit 7'], { okExitCodes: [7] })).toMatchObject({ exitCode: 7 })
    await expect(host.sudo('echo no; exit 1')).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      stdout: 'no\n',
    })
    await expect(host.sudo('echo "sudo: a password is required" >&2; exit 1')).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
    })
    await expect(host.sudo(['no-such-program'])).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      message: expect.stringContaining('command not found'),
    })
    await expect(host.sudo('yes', { maxOutputBytes: 1000 })).rejects.toMatchObject({ code: 'OUTPUT_LIMIT' })
    await expect(host.sudo('echo a; sleep 60', { timeoutMs: 2000 })).rejects.toMatchObject({
      code: 'COMMAND_TIMEOUT',
      stdout: 'a\n',
    })
  })

  test('is told why sudo does not run a command', async () => {
    user.rules(withPassword)
    for (const command of ['true', ['true']]) {
      await expect(host.sudo(command)).rejects.toMatchObject({ code: 'SUDO_PASSWORD_NEEDED' })
      await expect(host.sudo(command, { okExitCodes: 'any' })).rejects.toMatchObject({
        code: 'SUDO_PASSWORD_NEEDED',
      })
    }
    user.rules(withoutPassword)
    await expect(host.sudo(['true'], { user: 'nobody-at-all' })).rejects.toMatchObject({
      code: 'SUDO_REFUSED',
      message: expect.stringContaining('unknown user'),
    })
    user.rules()
    for (const password of [undefined, user.password]) {
      await expect(host.sudo(['true'], { password })).rejects.toMatchObject({
        code: password === undefined ? 'SUDO_PASSWORD_NEEDED' : 'SUDO_REFUSED',
      })
    }
  })

  test.each([true, false])('ends a command when it is aborted, with a terminal: %s', async (pty) => {
    const controller = new AbortController()
    let pid = ''
    const onStdout = (text: string): void => {
      pid = text.trim()
      controller.abort()
    }
    const aborted = host.sudo('echo $$; exec sleep 300', { pty, signal: controller.signal, onStdout })
    await expect(aborted).rejects.toMatchObject({ code: 'ABORT_ERR' })
    await expect
      .poll(() => host.run(['ps', '-p', pid], { okExitCodes: 'any' }), { timeout: 10_000 })
      .toMatchObject({ exitCode: 1 })
  })
})
