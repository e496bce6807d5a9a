// A command that a gateway runs as the way to the host: real sshd that forbid forwarding, the real nc, and what is left
// on the gateway.

import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Connection, ConnectionOptions } from '../../src/connection.js'
import type { GatewayCommand } from '../../src/route/gateway.js'
import { assertNoCanary, canary } from '../support/canary.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionTo } from '../support/link-up.js'
import { findStateOf, killAll, textOf } from '../support/proc.js'
import { startSshAgent } from '../support/ssh-agent.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { createUnixUser, type UnixUser } from '../support/unix-user.js'
import { warningsOf } from '../support/warnings.js'

// sshd passes no signals on to the commands of root.
let user: UnixUser | undefined
let gatewaySshd: Sshd
let innerSshd: Sshd
let hostSshd: Sshd
beforeAll(async () => {
  user = process.getuid?.() === 0 ? await createUnixUser() : undefined
  const options = { user: user?.name, config: ['LogLevel INFO', 'AllowTcpForwarding no', 'AcceptEnv MARK'] }
  ;[gatewaySshd, innerSshd, hostSshd] = await Promise.all([
    startSshd({ name: 'gateway', ...options }),
    startSshd({ name: 'inner', ...options }),
    startSshd({ name: 'host', config: ['LogLevel INFO'] }),
  ])
})
afterAll(async () => {
  for (const sshd of [gatewaySshd, innerSshd, hostSshd]) await sshd?.stop()
  await user?.[Symbol.asyncDispose]()
})

/** The processes whose command line has this word. */
function processesWith(word: string): readonly number[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  return pids.filter(
    (pid) =>
      textOf(`/proc/${pid}/cmdline`)
        .split('\0')
        .some((part) => part.includes(word)) && findStateOf(pid) !== 'Z',
  )
}
const noneWith = (word: string): Promise<void> =>
  vi.waitFor(() => expect(processesWith(word)).toEqual([]), { timeout: 5000 })

/** The gateway and the host behind it; closes both. */
async function withHost(
  gateway: Omit<GatewayCommand, 'on'>,
  use: (host: Connection, on: Connection) => Promise<void>,
  options: ConnectionOptions = {},
): Promise<void> {
  const on = connectionTo(gatewaySshd)
  const host = connectionTo(hostSshd, { gateway: { ...gateway, on }, ...options })
  try {
    await use(host, on)
  } finally {
    await closeAll([on, host])
  }
}

const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing',
    (error: unknown) => error,
  )

describe('a command on a gateway that forwards nothing', () => {
  leakCheck()

  test.each([
    { command: 'nc %h %p' },
    { command: ['nc', '%h', '%p'] },
    { command: 'exec nc -- "%h" %p # %n %r %%' },
  ])('leads to the host: $command', (gateway) =>
    withHost(gateway, async (host) => {
      expect((await host.run('echo "$SSH_CONNECTION"')).stdout).toContain(
        ` ${hostSshd.host} ${hostSshd.port}`,
      )
      expect((await host.run('wc -c', { input: Buffer.alloc(3_000_000) })).stdout).toBe('3000000\n')
      const { hops } = await host.resolve()
      expect(hops.map(({ link }) => link.kind)).toEqual(['tcp', 'remote-command'])
      await host.close()
      await noneWith(hostSshd.host)
    }),
  )

  test('is taken only where forwarding is prohibited, when that is asked for, and says so', () =>
    withHost({ command: 'nc %h %p', when: 'forwarding is prohibited' }, async (host) => {
      expect(await warningsOf(() => host.open())).toEqual([
        `${gatewaySshd.host} does not forward to ${hostSshd.host}:${hostSshd.port}; the command nc %h %p is run on it instead`,
      ])
    }))

  test('is not taken where the gateway forwards', async () => {
    await using permissive = await startSshd({ name: 'permissive' })
    await using on = connectionTo(permissive)
    const gateway = { command: 'echo never; false', on, when: 'forwarding is prohibited' } as const
    await using host = connectionTo(hostSshd, { gateway })
    expect(await warningsOf(() => host.open())).toEqual([])
    expect(permissive.forwards()).toEqual([`${hostSshd.host}:${hostSshd.port}`])
  })

  test('is nothing to fall back on for another failure', () =>
    withHost(
      { command: 'nc %h %p', when: 'forwarding is prohibited' },
      async (host, on) => {
        await on.open()
        const error = await rejectionOf(warningsOf(() => host.open()))
        expect(error).toMatchObject({ code: 'HOST_KEY_UNKNOWN', hop: { index: 1 } })
      },
      { userKnownHostsFile: [] },
    ))

  test('can stand behind another one', async () => {
    const first = connectionTo(gatewaySshd)
    const second = connectionTo(innerSshd, { gateway: { command: 'nc %h %p', on: first } })
    const host = connectionTo(hostSshd, { gateway: { command: ['nc', '%h', '%p'], on: second } })
    expect((await host.run('echo there')).stdout).toBe('there\n')
    expect((await host.resolve()).hops.map(({ link }) => link.kind)).toEqual([
      'tcp',
      'remote-command',
      'remote-command',
    ])
    await closeAll([first, second, host])
    await noneWith(hostSshd.host)
    await noneWith(innerSshd.host)
  })

  test('gets no agent and no variables, which other commands there get', async () => {
    await using agent = await startSshAgent()
    const settings = { forwardAgent: agent.socket, setEnv: { MARK: 'here' } }
    const show = 'echo "$(test -n "$SSH_AUTH_SOCK" && echo agent)|$MARK"'
    // sshd gives an agent that one command got to all that come after it, so that this is another connection.
    await using other = connectionTo(gatewaySshd, settings)
    expect((await other.run(show)).stdout).toBe('agent|here\n')
    await using on = connectionTo(gatewaySshd, settings)
    await using host = connectionTo(hostSshd, { gateway: { command: `${show} >&2; false`, on } })
    expect(await rejectionOf(host.open())).toMatchObject({ stderrTail: '|\n' })
  })
})

describe('a command on a gateway that fails', () => {
  leakCheck()

  test.each<[string, { exitCode: number | null; message: RegExp; hint?: RegExp }]>([
    [
      'echo "no route: \u001b[31m" >&2; exit 3',
      { exitCode: 3, message: /exited with status 3: no route: \\x1b/ },
    ],
    [
      'no-such-program %h',
      { exitCode: 127, message: /exited with status 127: .*not found/, hint: /installed on the gateway/ },
    ],
    ['kill -9 $$', { exitCode: null, message: /was ended by SIGKILL/ }],
    ['true', { exitCode: 0, message: /exited with status 0$/ }],
    ['yes 1234567890 | head -c 100000 >&2; exit 1', { exitCode: 1, message: /exited with status 1/ }],
  ])('says how it ended: %s', (command, { exitCode, message, hint }) =>
    withHost({ command }, async (host) => {
      const error = (await rejectionOf(host.open())) as { readonly stderrTail: string }
      expect(error).toMatchObject({
        name: 'ProxyCommandError',
        code: 'PROXY_COMMAND_FAILED',
        exitCode,
        message: expect.stringMatching(message),
        hop: { index: 1, host: hostSshd.host, via: gatewaySshd.host },
        ...(hint && { hint: expect.stringMatching(hint) }),
      })
      expect(error.stderrTail.length).toBeLessThanOrEqual(4097)
    }),
  )

  test('shows no secret of its text', () => {
    const secret = canary()
    return withHost({ command: `false --token=${secret} %h` }, async (host) => {
      assertNoCanary(await rejectionOf(host.open()))
      assertNoCanary(await host.resolve())
    })
  })

  test.each([
    ['is silent', 'sleep 1000.%p', 'TIMEOUT'],
    [
      'talks without end',
      'sh -c "while :; do echo 1000.%p; sleep 0.01; done"',
      /TIMEOUT|PROTOCOL_ERROR|VERSION/,
    ],
  ])('and %s is ended, and leaves nothing there', (_, command, code) =>
    withHost(
      { command },
      async (host) => {
        const error = (await rejectionOf(host.open())) as { readonly code: string }
        expect(error.code).toMatch(code)
        await noneWith(`1000.${hostSshd.port}`)
      },
      { connectTimeoutMs: 500 },
    ),
  )

  test('and is given up leaves nothing there', () =>
    withHost({ command: 'sleep 1001.%p' }, async (host) => {
      const controller = new AbortController()
      const opened = rejectionOf(host.open({ signal: controller.signal }))
      await vi.waitFor(() => expect(processesWith('1001.')).not.toEqual([]), { timeout: 5000 })
      controller.abort()
      expect(await opened).toMatchObject({ code: 'ABORT_ERR', hop: { index: 1 } })
      await noneWith('1001.')
    }))
})

describe('what goes through a command on a gateway', () => {
  leakCheck()

  test('is lost with the command, and the gateway is not', () =>
    withHost({ command: 'nc %h %p' }, async (host, on) => {
      const running = rejectionOf(host.run('sleep 60'))
      await vi.waitFor(() => expect(processesWith(hostSshd.host)).not.toEqual([]))
      await host.open()
      killAll(processesWith(hostSshd.host).filter((pid) => textOf(`/proc/${pid}/comm`).startsWith('nc')))
      expect(await running).toMatchObject({ code: 'CONNECTION_LOST', hop: { index: 1 } })
      expect(on.state).toBe('open')
      expect((await host.run('echo again')).stdout).toBe('again\n')
    }))

  test('is lost with the gateway', () =>
    withHost({ command: 'nc %h %p' }, async (host) => {
      const running = rejectionOf(host.run('sleep 60'))
      await host.open()
      gatewaySshd.killSessions()
      expect(await running).toMatchObject({ code: 'CONNECTION_LOST', hop: { index: 0 } })
      await noneWith(hostSshd.host)
    }))

  test('ends with the host', () =>
    withHost({ command: 'nc %h %p' }, async (host) => {
      const running = rejectionOf(host.run('sleep 60'))
      await host.open()
      hostSshd.killSessions()
      expect(await running).toMatchObject({ code: 'CONNECTION_LOST', hop: { index: 1 } })
      await noneWith(hostSshd.host)
    }))
})
