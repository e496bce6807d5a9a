// Proxies as gateways: real ones from Debian, before and behind real sshd, and in a row.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Connection } from '../../src/connection.js'
import { httpConnect } from '../../src/ways/http-connect.js'
import { socks5 } from '../../src/ways/socks5.js'
import { assertNoCanary, canary } from '../support/canary.js'
import { startHttpProxy } from '../support/http-proxy-server.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionTo } from '../support/link-up.js'
import { textOf } from '../support/proc.js'
import type { ProxyProcess } from '../support/proxy-process.js'
import { startRawServer } from '../support/raw-server.js'
import { startSocksProxy } from '../support/socks-proxy-server.js'
import { type Sshd, startSshd } from '../support/sshd.js'

const login = { user: 'mole', password: canary() }
const urlOf = (proxy: ProxyProcess, scheme: string, userInfo = ''): string =>
  `${scheme}://${userInfo}${proxy.host}:${proxy.port}`
const nameOf = ({ host, port }: { readonly host: string; readonly port: number }): string => `${host}:${port}`

let gatewaySshd: Sshd
let hostSshd: Sshd
let socks: ProxyProcess
let socksWithLogin: ProxyProcess
let http: ProxyProcess
let httpWithLogin: ProxyProcess
beforeAll(async () => {
  ;[gatewaySshd, hostSshd, socks, socksWithLogin, http, httpWithLogin] = await Promise.all([
    startSshd({ name: 'gateway' }),
    startSshd({ name: 'host', config: ['LogLevel INFO'] }),
    startSocksProxy(),
    startSocksProxy({ login }),
    startHttpProxy(),
    startHttpProxy({ login }),
  ])
})
afterAll(async () => {
  for (const rig of [gatewaySshd, hostSshd, socks, socksWithLogin, http, httpWithLogin])
    await rig?.[Symbol.asyncDispose]()
})

/** What the last of the connections answers; all are closed afterwards. */
async function answerOf(connections: readonly Connection[]): Promise<string | undefined> {
  try {
    return (await connections.at(-1)?.run('echo "$SSH_CONNECTION"'))?.stdout.trim()
  } finally {
    await closeAll(connections)
  }
}

const failureOf = async (connections: readonly Connection[]): Promise<Record<string, unknown>> => {
  const error = await answerOf(connections).catch((error: unknown) => error)
  assertNoCanary(error)
  return error as Record<string, unknown>
}

const viaSocks = () => socks5(urlOf(socks, 'socks5'))
const toHost = (options: Parameters<typeof connectionTo>[1]) => connectionTo(hostSshd, options)

describe('a proxy', () => {
  leakCheck()

  test.each([
    ['socks5', () => viaSocks(), () => socks],
    [
      'socks5 with a login in its address',
      () => socks5(urlOf(socksWithLogin, 'socks5h', `mole:${login.password}@`)),
      () => socksWithLogin,
    ],
    [
      'socks5 with a login by options',
      () => socks5(urlOf(socksWithLogin, 'socks5'), { user: 'mole', password: async () => login.password }),
      () => socksWithLogin,
    ],
    ['http', () => httpConnect(urlOf(http, 'http')), () => http],
    ['http with a login', () => httpConnect(urlOf(httpWithLogin, 'http'), login), () => httpWithLogin],
  ] as const)('%s leads to a host, which is verified as ever', async (_, gateway, rig) => {
    const before = rig().asked().length
    expect(await answerOf([toHost({ gateway: gateway() })])).toContain(` ${hostSshd.host} ${hostSshd.port}`)
    await vi.waitFor(() => expect(rig().asked().slice(before)).toEqual([nameOf(hostSshd)]))
    const stranger = toHost({ gateway: gateway(), userKnownHostsFile: [] })
    expect(await failureOf([stranger])).toMatchObject({ code: 'HOST_KEY_UNKNOWN' })
  })

  test('stands before a gateway', async () => {
    const gateway = connectionTo(gatewaySshd, { gateway: viaSocks() })
    const host = toHost({ gateway })
    const { hops } = await host.resolve()
    expect(hops.map(({ link }) => link.kind)).toEqual(['proxy', 'channel'])
    const before = socks.asked().length
    expect(await answerOf([gateway, host])).toContain(` ${hostSshd.host} `)
    expect(socks.asked().slice(before)).toEqual([nameOf(gatewaySshd)])
    expect(gatewaySshd.forwards()).toContain(nameOf(hostSshd))
  })

  test('stands behind a gateway, which is asked for the proxy and not for the host', async () => {
    const gateway = connectionTo(gatewaySshd)
    const host = toHost({ gateway: httpConnect(urlOf(httpWithLogin, 'http'), { ...login, gateway }) })
    const { hops } = await host.resolve()
    expect(hops.map(({ link, owner }) => [link.kind, owner])).toEqual([
      ['tcp', 'connection'],
      ['proxy', 'route'],
    ])
    const [asked, before] = [httpWithLogin.asked().length, gatewaySshd.forwards().length]
    expect(await answerOf([gateway, host])).toContain(` ${hostSshd.host} `)
    expect(httpWithLogin.asked().slice(asked)).toEqual([nameOf(hostSshd)])
    expect(gatewaySshd.forwards().slice(before)).toEqual([nameOf(httpWithLogin)])
  })

  test('leads to another proxy, and that to a third one behind a gateway', async () => {
    const gateway = connectionTo(gatewaySshd, {
      gateway: httpConnect(urlOf(http, 'http'), { gateway: viaSocks() }),
    })
    const last = socks5(urlOf(socksWithLogin, 'socks5'), { ...login, gateway })
    const counts = [socks, http, socksWithLogin].map((rig) => rig.asked().length)
    expect(await answerOf([gateway, toHost({ gateway: last })])).toContain(` ${hostSshd.host} `)
    const asked = [socks, http, socksWithLogin].map((rig, index) => rig.asked().slice(counts[index]))
    expect(asked).toEqual([[nameOf(http)], [nameOf(gatewaySshd)], [nameOf(hostSshd)]])
  })

  test('dials by itself, too, and through a connection', async () => {
    await using gateway = connectionTo(gatewaySshd)
    for (const proxy of [viaSocks(), socks5(urlOf(socks, 'socks5'), { gateway })]) {
      const stream = await proxy.dial(hostSshd)
      const [line] = await new Promise<Buffer[]>((resolve) =>
        stream.once('data', (data: Buffer) => resolve([data])),
      )
      expect(String(line)).toMatch(/^SSH-2\.0-OpenSSH/)
      stream.destroy()
    }
  })

  test('shows its login nowhere', async () => {
    const proxy = socks5(urlOf(socksWithLogin, 'socks5'), login)
    const route = await toHost({ gateway: proxy }).resolve()
    for (const shown of [
      proxy,
      JSON.stringify(proxy),
      route,
      JSON.stringify(route),
      textOf('/proc/self/cmdline'),
    ])
      assertNoCanary(shown)
    expect(JSON.stringify(proxy)).toBe(`"${urlOf(socksWithLogin, 'socks5')}"`)
  })
})

describe('a proxy that does not lead there says why', () => {
  leakCheck()

  test.each([
    ['there is no login', () => socks5(urlOf(socksWithLogin, 'socks5')), /asks for a user and a password/],
    ['there is no login', () => httpConnect(urlOf(httpWithLogin, 'http')), /HTTP status 407/],
    [
      'the login is wrong',
      () => socks5(urlOf(socksWithLogin, 'socks5', 'mole:x@')),
      /did not accept the user/,
    ],
    [
      'the login is wrong',
      () => httpConnect(urlOf(httpWithLogin, 'http', 'mole:x@')),
      /did not accept the user.*40[17]/,
    ],
    [
      'nothing listens there',
      () => socks5('socks5://127.0.0.1:1'),
      /the proxy socks5:\/\/127\.0\.0\.1:1 could not be reached: .*ECONNREFUSED/,
    ],
    [
      'the next one is not there',
      () => socks5('socks5://127.0.0.1:1', { gateway: viaSocks() }),
      /could not connect to the proxy socks5:\/\/127\.0\.0\.1:1: connection refused/,
    ],
  ] as const)('because %s', async (_, gateway, message) => {
    expect(await failureOf([toHost({ gateway: gateway() })])).toMatchObject({
      name: 'ConnectError',
      code: 'PROXY_FAILED',
      message: expect.stringMatching(message),
      phase: 'dial',
      hop: { host: hostSshd.host, index: 0 },
    })
  })

  test('because nothing listens at the host', async () => {
    expect(await failureOf([toHost({ port: 1, gateway: viaSocks() })])).toMatchObject({
      code: 'CONNECTION_REFUSED',
      message: `${hostSshd.host}: the proxy ${urlOf(socks, 'socks5')} could not connect to ${hostSshd.host}:1: connection refused`,
    })
    expect(await failureOf([toHost({ port: 1, gateway: httpConnect(urlOf(http, 'http')) })])).toMatchObject({
      code: 'PROXY_FAILED',
      message: expect.stringMatching(/could not connect to .*:1 \(HTTP status 50\d/),
    })
  })

  test('because it is not allowed, or the gateway before it does not lead to it', async () => {
    await using strict = await startHttpProxy({ config: ['ConnectPort 22'] })
    expect(await failureOf([toHost({ gateway: httpConnect(urlOf(strict, 'http')) })])).toMatchObject({
      code: 'PROXY_FAILED',
      message: expect.stringMatching(/does not allow a connection to .*403/),
    })
    const gateway = connectionTo(gatewaySshd)
    const behind = toHost({ gateway: socks5('socks5://127.0.0.1:1', { gateway }) })
    expect(await failureOf([gateway, behind])).toMatchObject({
      code: 'PROXY_FAILED',
      phase: 'channel',
      hop: { index: 1, count: 2, via: gatewaySshd.host },
      message: expect.stringMatching(/the proxy socks5:\/\/127\.0\.0\.1:1 could not be reached: .*refused/i),
    })
  })

  test('because it died, to all that goes through it, and is used again when it is back', async () => {
    await using proxy = await startSocksProxy()
    await using connection = toHost({ gateway: socks5(urlOf(proxy, 'socks5')) })
    await connection.open()
    const running = connection.run('sleep 60')
    running.catch(() => undefined)
    await proxy.stop()
    await expect(running).rejects.toMatchObject({ code: 'CONNECTION_LOST', hop: { host: hostSshd.host } })
    await expect(connection.open()).rejects.toMatchObject({ code: 'PROXY_FAILED' })
    await using _again = await startSocksProxy({ host: proxy.host, port: proxy.port })
    expect((await connection.run('echo back')).stdout).toBe('back\n')
  })

  test('because the gateway before it died, to all that goes through it', async () => {
    const gateway = connectionTo(gatewaySshd)
    const host = toHost({ gateway: socks5(urlOf(socks, 'socks5'), { gateway }) })
    try {
      await host.open()
      const running = host.run('sleep 60')
      running.catch(() => undefined)
      gatewaySshd.killSessions()
      await expect(running).rejects.toMatchObject({ code: 'CONNECTION_LOST', hop: { index: 0 } })
      expect((await host.run('echo back')).stdout).toBe('back\n')
    } finally {
      await closeAll([gateway, host])
    }
  })

  test('because it is silent, within the time of the phase, also behind a gateway', async () => {
    await using silent = await startRawServer('')
    await using gateway = connectionTo(gatewaySshd)
    for (const [options, where] of [
      [{}, { index: 0, phase: 'dial' }],
      [{ gateway }, { index: 1, phase: 'channel' }],
    ] as const) {
      await using host = toHost({
        connectTimeoutMs: 300,
        gateway: socks5(`socks5://${silent.host}:${silent.port}`, options),
      })
      await expect(host.open()).rejects.toMatchObject({
        name: 'ConnectError',
        code: 'TIMEOUT',
        hop: { host: hostSshd.host, index: where.index },
        phase: where.phase,
      })
      await vi.waitFor(() => expect(silent.live()).toBe(0))
      const controller = new AbortController()
      const opened = host.open({ signal: controller.signal })
      opened.catch(() => undefined)
      await vi.waitFor(() => expect(silent.live()).toBe(1))
      controller.abort()
      await expect(opened).rejects.toMatchObject({
        code: 'ABORT_ERR',
        hop: { index: where.index },
        phase: where.phase,
      })
      await vi.waitFor(() => expect(silent.live()).toBe(0))
    }
  })
})
