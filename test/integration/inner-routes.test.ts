// Which routes are walked and which are refused, and that refusing one touches nothing.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Connection, type ConnectionOptions, type Dialer } from '../../src/index.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo, optionsFor } from '../support/link-up.js'
import { scratchDir } from '../support/run-dir.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { createUnixUser } from '../support/unix-user.js'

let a: Sshd
let b: Sshd
beforeAll(async () => {
  ;[a, b] = await Promise.all([startSshd({ name: 'a' }), startSshd({ name: 'b' })])
})
afterAll(() => Promise.all([a.stop(), b.stop()]))

/** How many connections both servers have seen; failed ones count. */
const seen = (): number =>
  [a, b].flatMap((sshd) => sshd.log.lines()).filter(({ text }) => /^Connection from/.test(text)).length

describe('a route that comes back', () => {
  leakCheck()

  test('to the same machine as another user is walked', async () => {
    await using user = await createUnixUser()
    await using first = connectionTo(a)
    await using middle = connectionTo(b, { gateway: first })
    await using again = connectionTo(a, { gateway: middle, user: user.name })
    const { stdout } = await again.run('id -un; echo $SSH_CLIENT')
    expect(stdout).toMatch(new RegExp(`^${user.name}\n`))
    expect(a.forwards().at(-1)).toBe(`${b.host}:${b.port}`)
    expect(b.forwards().at(-1)).toBe(`${a.host}:${a.port}`)
    expect(a.connections().map((login) => login.user)).toEqual([a.user, user.name])
  })

  test('to the same user and machine is refused with its path, before the first packet', async () => {
    const before = seen()
    const first = connectionTo(a)
    const middle = connectionTo(b, { gateway: first })
    await expect(connectionTo(a, { gateway: middle }).open()).rejects.toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        code: 'GATEWAY_LOOP',
        message: expect.stringContaining(`${a.host} → ${b.host} → ${a.host}`),
      }),
    )
    const [nameA, nameB] = [a, b].map(({ user, host, port }) => `${user}@${host}:${port}`)
    await expect(new Connection(nameA ?? '', { proxyJump: `${nameB},${nameA}` }).open()).rejects.toThrow('→')
    await expect(new Connection(nameA ?? '', { proxyJump: nameA }).open()).rejects.toThrow(/comes back/)
    const nicknames: ConnectionOptions = { ...optionsFor(a), hostName: a.host }
    await expect(new Connection('other-name', { ...nicknames, gateway: first }).open()).rejects.toThrow(
      /comes back/,
    )
    expect(seen()).toBe(before)
  })

  test('nowhere, but is longer than 16 hops, is refused before the first packet', async () => {
    const before = seen()
    const hops = Array.from({ length: 16 }, (_, i) => `hop${i}.invalid`)
    await expect(new Connection('end.invalid', { proxyJump: hops.join(',') }).open()).rejects.toThrow(
      expect.objectContaining({
        code: 'ROUTE_TOO_LONG',
        message: expect.stringContaining('hop0.invalid → '),
      }),
    )
    let chain = connectionTo(a)
    for (const hop of hops.slice(1)) chain = new Connection(hop, { gateway: chain })
    await expect(new Connection('end.invalid', { gateway: chain }).open()).rejects.toThrow(/17 hops/)
    expect(seen()).toBe(before)
  })
})

describe('two kinds of gateway at once', () => {
  leakCheck()

  test('are refused before anything is dialled or started, with both sources named', async () => {
    const started = join(scratchDir('conflict'), 'started')
    const dialled: unknown[] = []
    const dialer: Dialer = { dial: async (address) => dialled.push(address) as never }
    const before = seen()
    const command = `touch ${started}; exit 1`
    const pairs: readonly ConnectionOptions[] = [
      { gateway: connectionTo(a), proxyCommand: command },
      { gateway: connectionTo(a), proxyJump: `${a.host}:${a.port}` },
      { gateway: dialer, proxyCommand: command },
      { gateway: command, proxyJump: a.host },
      { gateway: { command }, proxyCommand: command },
      { gateway: false, proxyJump: a.host },
      { proxyJump: a.host, proxyCommand: command },
    ]
    for (const options of pairs) {
      const names = Object.keys(options).map((name) => `option ${name}`)
      expect(() => new Connection('inner', options)).toThrow(
        expect.objectContaining({
          name: 'GatewayConflictError',
          code: 'GATEWAY_CONFLICT',
          sources: names,
          message: expect.stringContaining(names.join(' and ')),
          hint: expect.stringContaining('gateway: false'),
        }),
      )
    }
    expect([dialled, existsSync(started), seen() - before]).toEqual([[], false, 0])
  })

  test.each<ConnectionOptions>([{ gateway: false }, { proxyJump: 'none' }, { proxyCommand: 'none' }])(
    'are not what %o means: it connects directly',
    async (options) => {
      await using direct = connectionTo(a, options)
      expect(await direct.run('echo $SSH_CONNECTION')).toMatchObject({
        stdout: expect.stringContaining(`${a.host} ${a.port}`),
      })
      expect((await direct.resolve()).hops).toMatchObject([{ link: { kind: 'tcp' } }])
    },
  )
})

describe('a gateway that was asked for', () => {
  leakCheck()

  test('and cannot be used is never passed by', async () => {
    const before = b.connections().length
    const gateways: readonly ConnectionOptions[] = [
      { gateway: connectionTo(a, { user: 'no-such-user' }) },
      { gateway: 'exit 1' },
      { gateway: { command: ['false'] } },
      { gateway: { dial: () => Promise.reject(new Error('no way')) } },
      { proxyJump: 'gateway.invalid' },
    ]
    for (const options of gateways) {
      await using target = connectionTo(b, options)
      await expect(target.open()).rejects.toMatchObject({ name: expect.stringMatching(/Error$/) })
    }
    expect(b.connections()).toHaveLength(before)
    await using directly = connectionTo(b)
    await directly.open()
  })
})

describe('the name of an inner host', () => {
  leakCheck()

  test.each([
    '-oProxyCommand=touch /tmp/x',
    '-W',
    '--',
    'user@-oProxyCommand=x',
    '-l@host',
    'ssh://-oProxyCommand=x/',
    '%h',
    'a%20b',
    'inner%n.example',
    'fe80::1%',
    'fe80::1%eth0;id',
    'two words',
    'new\nline',
  ])('that is %j is refused before the gateway is opened', (name) => {
    const gateway = connectionTo(a)
    expect(() => new Connection(name, { gateway })).toThrow(
      expect.objectContaining({ code: 'INVALID_DESTINATION', phase: 'resolve' }),
    )
    expect(gateway.state).toBe('idle')
  })

  test('that is an IPv6 address leads to a real server, with and without a gateway', async () => {
    await using six = await startSshd({ name: 'six', host: '::1' })
    const { port: _, ...options } = optionsFor(six)
    await using gateway = connectionTo(a)
    for (const way of [{ gateway }, { gateway: false }] as const) {
      await using target = new Connection(`[::1]:${six.port}`, { ...options, ...way })
      expect(await target.run('echo $SSH_CONNECTION')).toMatchObject({
        stdout: `::1 ${six.connections().at(-1)?.peerPort} ::1 ${six.port}\n`,
      })
    }
    expect(a.forwards().at(-1)).toBe(`::1:${six.port}`)
  })

  test('keeps its IPv6 zone on the way to the gateway, which alone can know it', async () => {
    await using gateway = connectionTo(a)
    await using target = connectionTo(b, { gateway, hostName: 'fe80::1%nowhere0' })
    await expect(target.open()).rejects.toMatchObject({
      code: expect.stringMatching(/^(NAME_NOT_FOUND|CONNECTION_FAILED)$/),
      hop: { index: 1, via: a.host },
      message: expect.stringContaining('fe80::1%nowhere0'),
    })
    // The server's log may come after its answer.
    await vi.waitFor(() => expect(a.forwards().at(-1)).toBe(`fe80::1%nowhere0:${b.port}`))
    expect(gateway.state).toBe('open')
  })
})
