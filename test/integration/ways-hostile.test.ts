// Proxies that do not keep to their protocol, and what stands in the same packet as their answer.

import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import type { Dialer } from '../../src/dialer.js'
import { httpConnect } from '../../src/ways/http-connect.js'
import { type Socks5Options, socks5 } from '../../src/ways/socks5.js'
import { assertNoCanary, canary } from '../support/canary.js'
import { leakCheck } from '../support/leak-check.js'
import { type RawPeer, startRawServer } from '../support/raw-server.js'

leakCheck()

const to = { host: 'db.internal', port: 5432 }
const login = { user: 'mole', password: canary() }
const accepted = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]

type Script = string | Uint8Array | ((peer: RawPeer) => unknown)

/** Calls `use` with a proxy that follows the script; nothing of its connections is left afterwards. */
async function withProxy(
  kind: 'socks5' | 'http',
  script: Script,
  use: (proxy: Dialer, peers: readonly RawPeer[]) => Promise<void>,
): Promise<void> {
  await using server = await startRawServer(script)
  const where = `${server.host}:${server.port}`
  const proxy = kind === 'socks5' ? socks5(`socks5://${where}`, login) : httpConnect(`http://${where}`, login)
  await use(proxy, server.peers)
  // They end on their own, not because the server goes away.
  await vi.waitFor(() => expect(server.live()).toBe(0))
}

const failureOf = async (proxy: Dialer, options = {}): Promise<unknown> => {
  const error: unknown = await proxy.dial(to, options).catch((error: unknown) => error)
  assertNoCanary(error)
  return error
}

const ending = (bytes: readonly number[]) => (peer: RawPeer) => void peer.socket.end(Buffer.from(bytes))

const resetAfterRequest = async (peer: RawPeer): Promise<void> => {
  await peer.waitFor('CONNECT')
  peer.socket.resetAndDestroy()
}

test.each<[string, 'socks5' | 'http', Script, RegExp]>([
  ['another protocol', 'socks5', 'HTTP/1.1 400 Bad Request\r\n\r\n', /does not speak SOCKS5/],
  ['SOCKS4', 'socks5', Buffer.of(0, 0x5b, 0, 0, 0, 0, 0, 0), /does not speak SOCKS5/],
  ['a login method that was not offered', 'socks5', Buffer.of(5, 1), /unknown login method 1/],
  ['no login method', 'socks5', Buffer.of(5, 0xff), /takes none of the login methods/],
  ['a login that is refused', 'socks5', Buffer.of(5, 2, 1, 1), /did not accept the user and the password/],
  [
    'a refusal',
    'socks5',
    Buffer.of(5, 0, 5, 2, 0, 1, 0, 0, 0, 0, 0, 0),
    /db.internal:5432: its rules do not allow it/,
  ],
  ['a refusal that stops half-way', 'socks5', ending([5, 0, 5, 1, 0, 1]), /general failure/],
  ['a number without meaning', 'socks5', Buffer.of(5, 0, 5, 77, 0, 1), /its answer is 77/],
  ['an address of no kind', 'socks5', Buffer.of(5, 0, 5, 0, 0, 9), /does not speak SOCKS5/],
  ['an early end', 'socks5', ending([5]), /closed the connection before it had answered/],
  ['an early end', 'http', ending([...Buffer.from('HTTP/1.1 200')]), /closed the connection before/],
  ['a connection that is reset', 'http', resetAfterRequest, /closed the connection before.*ECONNRESET/],
  ['another protocol', 'http', 'SSH-2.0-OpenSSH_9.2p1\r\n', /does not speak HTTP: SSH-2\.0/],
  ['a head with escapes', 'http', 'HTTP/1.1 502 \u001b[31mno\r\n\r\n', /HTTP status 502, \\x1b\[31mno\)/],
  [
    'a redirect',
    'http',
    'HTTP/1.1 302 Found\r\nLocation: http://evil.example\r\n\r\n',
    /redirects, which is not followed/,
  ],
  [
    'an endless head',
    'http',
    (peer: RawPeer) => peer.send(`HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(10_000)}`),
    /head of over 16384 bytes/,
  ],
  [
    'interim answers without end',
    'http',
    (peer: RawPeer) => peer.send('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000)),
    /head of over 16384|does not speak HTTP/,
  ],
])('%s from a proxy (%s) is an error that names it', (_, kind, script, message) =>
  withProxy(kind, script, async (proxy) => {
    expect(await failureOf(proxy)).toMatchObject({
      code: 'PROXY_FAILED',
      message: expect.stringMatching(message),
      phase: 'dial',
    })
    expect(proxy.name).toMatch(/^(?:socks5|http):\/\/127[\d.]+:\d+$/)
  }),
)

test.each(['socks5', 'http'] as const)('a silent %s proxy costs the limit of the call and no more', (kind) =>
  withProxy(
    kind,
    () => undefined,
    async (proxy) => {
      const began = performance.now()
      expect(await failureOf(proxy, { timeoutMs: 100 })).toMatchObject({ code: 'TIMEOUT' })
      expect(performance.now() - began).toBeLessThan(1000)
      const controller = new AbortController()
      const dialled = failureOf(proxy, { signal: controller.signal })
      controller.abort('enough')
      expect(await dialled).toMatchObject({ name: 'AbortError', cause: 'enough' })
      expect(await failureOf(proxy, { signal: AbortSignal.abort() })).toMatchObject({ code: 'ABORT_ERR' })
    },
  ),
)

test.each<['socks5' | 'http', Buffer]>([
  ['socks5', Buffer.of(5, 0, ...accepted)],
  ['socks5', Buffer.of(5, 2, 1, 0, 5, 0, 0, 3, 2, 0x68, 0x69, 0, 0)],
  ['socks5', Buffer.of(5, 0, 5, 0, 0, 4, ...Buffer.alloc(18))],
  [
    'http',
    Buffer.from(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 Connection established\r\nContent-Length: 5\r\n\r\n',
    ),
  ],
  ['http', Buffer.from('HTTP/1.1 200\n\n')],
])(
  'what comes with the answer of a proxy (%s) is not lost, wherever the answer is cut',
  async (kind, answer) => {
    const whole = Buffer.concat([answer, Buffer.from('SSH-2.0-first\r\n')])
    for (const cut of new Set([whole.length, 1, 3, answer.length - 1, answer.length, answer.length + 4])) {
      const script = ({ socket }: RawPeer): void => {
        socket.write(whole.subarray(0, cut), () => setImmediate(() => socket.end(whole.subarray(cut))))
      }
      await withProxy(kind, script, async (proxy) => {
        const stream = await proxy.dial(to)
        const chunks: Buffer[] = []
        for await (const chunk of stream) chunks.push(chunk as Buffer)
        expect(Buffer.concat(chunks).toString()).toBe('SSH-2.0-first\r\n')
        stream.destroy()
      })
    }
  },
)

test.each([
  ['db.internal', Buffer.from('\u0003\u000bdb.internal\u0015\u0038', 'latin1')],
  ['192.0.2.7', Buffer.of(1, 192, 0, 2, 7, 0x15, 0x38)],
  ['2001:db8::7', Buffer.of(4, 0x20, 1, 0xd, 0xb8, ...Buffer.alloc(11), 7, 0x15, 0x38)],
  ['::ffff:192.0.2.7', Buffer.of(4, ...Buffer.alloc(10), 0xff, 0xff, 192, 0, 2, 7, 0x15, 0x38)],
])('the name %s goes to the proxy as it is, and is never looked up here', (host, bytes) =>
  withProxy('socks5', Buffer.of(5, 0, ...accepted), async (proxy, peers) => {
    const stream = await proxy.dial({ host, port: 5432 })
    const [peer] = peers
    while (peer !== undefined && peer.received().length < 7 + bytes.length) await once(peer.socket, 'data')
    expect(peer?.received()).toEqual(Buffer.concat([Buffer.of(5, 2, 0, 2, 5, 1, 0), bytes]))
    stream.destroy()
  }),
)

test.each([
  ['socks5', { host: `${'a'.repeat(300)}.internal`, port: 1 }, /names of at most 255 bytes/],
  ['http', { host: 'db.internal\u00e9', port: 1 }, /names of ASCII only/],
  ['http', { path: '/run/db.sock' }, /cannot lead to a unix socket/],
] as const)(
  'an address that a proxy (%s) cannot be asked for is refused (case %#)',
  (kind, address, message) =>
    withProxy(kind, Buffer.of(5, 0), async (proxy) => {
      await expect(proxy.dial(address)).rejects.toMatchObject({
        code: 'PROXY_FAILED',
        message: expect.stringMatching(message),
      })
    }),
)

test.each<[string, Socks5Options]>([
  ['has no password: the function that gives it failed', { password: () => Promise.reject(new Error('no')) }],
  ['has no password: the function gave none', { password: (() => undefined) as unknown as () => string }],
  ['takes users and passwords of at most 255 bytes', { password: 'p'.repeat(256) }],
])('a proxy %s: that is an error, and nothing is left', async (what, options) => {
  await using server = await startRawServer(Buffer.of(5, 2))
  const proxy = socks5(`socks5://${server.host}:${server.port}`, { user: 'mole', ...options })
  expect(await failureOf(proxy)).toMatchObject({
    code: 'PROXY_FAILED',
    message: `the proxy ${proxy.name} ${what}`,
  })
  await vi.waitFor(() => expect(server.live()).toBe(0))
})

test('a password that never comes ends with the call', async () => {
  await using server = await startRawServer('')
  const password = (): Promise<string> => new Promise(() => undefined)
  const proxy = socks5(`socks5://${server.host}:${server.port}`, { user: 'mole', password })
  expect(await failureOf(proxy, { timeoutMs: 50 })).toMatchObject({ code: 'TIMEOUT' })
  await vi.waitFor(() => expect(server.live()).toBe(0))
})
