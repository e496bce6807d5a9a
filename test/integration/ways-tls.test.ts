// A proxy that is spoken to by TLS: a real tinyproxy behind an end of TLS.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createServer, type Server } from 'node:tls'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { httpConnect } from '../../src/ways/http-connect.js'
import { socks5 } from '../../src/ways/socks5.js'
import { type Certificate, selfSigned } from '../docs/self-signed.js'
import { startHttpProxy } from '../support/http-proxy-server.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import type { ProxyProcess } from '../support/proxy-process.js'
import { startRawServer } from '../support/raw-server.js'
import { startSocksProxy } from '../support/socks-proxy-server.js'
import { randomLoopback, type Sshd, startSshd } from '../support/sshd.js'

let sshd: Sshd
let http: ProxyProcess
let socks: ProxyProcess
let end: Server
let certificate: Certificate
const host = randomLoopback()
const sockets = new Set<Socket>()
let url = ''
beforeAll(async () => {
  certificate = selfSigned('proxy.example')
  ;[sshd, http, socks] = await Promise.all([
    startSshd({ config: ['LogLevel INFO'] }),
    startHttpProxy(),
    startSocksProxy(),
  ])
  end = createServer(certificate, (client) => {
    const onward = connect(http.port, http.host)
    for (const [from, to] of [
      [client, onward],
      [onward, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  })
  end.on('tlsClientError', () => undefined)
  end.listen(0, host)
  await once(end, 'listening')
  const address = end.address()
  url = `https://${host}:${typeof address === 'object' ? address?.port : 0}`
})
afterAll(async () => {
  for (const rig of [sshd, http, socks]) await rig?.[Symbol.asyncDispose]()
  for (const socket of sockets) socket.destroy()
  end.close()
})

leakCheck()

const tls = () => ({ ca: certificate.cert, serverName: 'proxy.example' })

test.each([
  ['from here', () => undefined],
  ['through another proxy', () => socks5(`socks5://${socks.host}:${socks.port}`)],
])('an https proxy whose certificate is right leads to the host, reached %s', async (_, gateway) => {
  await using connection = connectionTo(sshd, {
    gateway: httpConnect(url, { tls: tls(), gateway: gateway() }),
  })
  expect((await connection.run('wc -c', { input: Buffer.alloc(1_000_000) })).stdout).toBe('1000000\n')
  await connection.close()
  await vi.waitFor(() => expect(sockets.size).toBe(0))
})

test.each([
  [
    'is not trusted',
    () => ({ serverName: 'proxy.example' }),
    /by TLS: self-signed certificate \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
  ],
  [
    'is for another name',
    () => ({ ca: certificate.cert, serverName: 'other.example' }),
    /by TLS: Hostname\/IP does not match/,
  ],
  ['is for no such address', () => ({ ca: certificate.cert }), /by TLS: .*does not match/],
])('an https proxy whose certificate %s is not told anything', async (_, options, message) => {
  const before = http.asked().length
  const proxy = httpConnect(url, { tls: options() })
  await expect(proxy.dial(sshd)).rejects.toMatchObject({
    code: 'PROXY_FAILED',
    message: expect.stringMatching(message),
  })
  expect(http.asked()).toHaveLength(before)
})

test('an https proxy that is silent, or does not speak TLS, ends with the call', async () => {
  await using silent = await startRawServer('')
  const mute = httpConnect(`https://${silent.host}:${silent.port}`)
  await expect(mute.dial(sshd, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'TIMEOUT' })
  await using plain = await startRawServer('HTTP/1.1 400 Bad Request\r\n\r\n')
  const other = httpConnect(`https://${plain.host}:${plain.port}`)
  await expect(other.dial(sshd)).rejects.toMatchObject({
    code: 'PROXY_FAILED',
    message: expect.stringMatching(/could not be spoken to by TLS/),
  })
})

test('a proxy that dies takes the connection with it, within TLS, too', async () => {
  await using connection = connectionTo(sshd, { gateway: httpConnect(url, { tls: tls() }) })
  await connection.open()
  const running = connection.run('sleep 60')
  running.catch(() => undefined)
  for (const socket of sockets) socket.destroy()
  await expect(running).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
})
