// What programs do with sockets, through two real gateways: TLS, HTTP, streams, unix sockets; and what they are told
// when it goes wrong.

import dns from 'node:dns'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Connection } from '../../src/index.js'
import { SocketError } from '../../src/index.js'
import { type Gateways, startGateways } from '../support/gateways.js'
import { leakCheck } from '../support/leak-check.js'
import { scratchDir } from '../support/run-dir.js'
import { freePort } from '../support/sshd.js'
import { certificateFor } from '../support/tls-certificate.js'

const { cert, key } = certificateFor('inner.test')
const echo = (socket: Duplex) => void pipeline(socket, socket).catch(() => {})
const answer: http.RequestListener = (request, response) => response.end(`${request.method} ${request.url}`)

let gateways: Gateways
const servers: Server[] = []
const at: Record<'echo' | 'tls' | 'http' | 'https', { host: string; port: number }> = {
  echo: { host: 'localhost', port: 0 },
  tls: { host: 'localhost', port: 0 },
  http: { host: 'localhost', port: 0 },
  https: { host: 'localhost', port: 0 },
}

beforeAll(async () => {
  gateways = await startGateways()
  const made = {
    echo: createServer({ allowHalfOpen: true }, echo),
    tls: tls.createServer({ cert, key }, echo),
    http: http.createServer(answer),
    https: https.createServer({ cert, key }, answer),
  }
  for (const [name, server] of Object.entries(made)) {
    servers.push(server)
    await once(server.listen(0), 'listening')
    const address = server.address()
    if (typeof address === 'object' && address !== null) at[name as keyof typeof at].port = address.port
  }
})
afterAll(async () => {
  for (const server of servers) server.close()
  await gateways[Symbol.asyncDispose]()
})

const withHost = (use: (host: Connection) => Promise<void>) => gateways.withConnection(2, use)

/** Asks and reads the answer to its end. */
async function exchange(socket: Duplex, question: string): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.end(question)
  await once(socket, 'end')
  return Buffer.concat(chunks).toString()
}

describe('a socket through two gateways', () => {
  leakCheck()

  it.each(['that is open', 'that is still connecting'])('%s carries TLS', (which) =>
    withHost(async (host) => {
      const socket = which === 'that is open' ? await host.dial(at.tls) : host.socket(at.tls)
      expect(socket.connecting).toBe(which !== 'that is open')
      const secure = tls.connect({ socket, servername: 'inner.test', ca: cert })
      await once(secure, 'secureConnect')
      expect(secure.authorized).toBe(true)
      const closed = once(socket, 'close')
      expect(await exchange(secure, 'x'.repeat(100_000))).toBe('x'.repeat(100_000))
      await closed
      await gateways.allFreed()
    }),
  )

  it('that is open carries TLS also some time later', () =>
    withHost(async (host) => {
      const socket = await host.dial(at.tls)
      await host.run('true')
      const secure = tls.connect({ socket, servername: 'inner.test', ca: cert })
      await once(secure, 'secureConnect')
      secure.destroy()
      if (!socket.closed) await once(socket, 'close')
    }))

  it('fails TLS with its own error when it cannot be opened', () =>
    withHost(async (host) => {
      const port = await freePort('127.0.0.1')
      const secure = tls.connect({
        socket: host.socket({ host: '127.0.0.1', port }),
        servername: 'inner.test',
      })
      const [error] = await once(secure, 'error').catch((error) => [error])
      expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    }))

  it('carries HTTP and HTTPS, and an agent keeps it', () =>
    withHost(async (host) => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      const made: Socket[] = []
      agent.createConnection = () => {
        const socket = host.socket(at.http)
        made.push(socket)
        return socket
      }
      expect(await get(http.request({ host: 'web.test', path: '/one', agent }))).toBe('GET /one')
      expect(await get(http.request({ host: 'web.test', path: '/two', agent }))).toBe('GET /two')
      expect(made).toHaveLength(1)
      agent.destroy()
      const createConnection = () => host.socket(at.http)
      expect(await get(http.request({ path: '/direct', createConnection }))).toBe('GET /direct')
      const socket = await host.dial(at.https)
      const secure = https.request({
        host: 'inner.test',
        path: '/three',
        createConnection: () => tls.connect({ socket, servername: 'inner.test', ca: cert }),
      })
      expect(await get(secure)).toBe('GET /three')
      await gateways.allFreed()
    }))

  it('is iterated, piped, awaited, and never looked up here', () =>
    withHost(async (host) => {
      const lookup = vi.spyOn(dns, 'lookup')
      const promised = vi.spyOn(dns.promises, 'lookup')
      const socket = host.socket()
      socket.connect(at.echo.port, at.echo.host)
      await once(socket, 'connect')
      expect(socket).toMatchObject({ remoteAddress: 'localhost', remotePort: at.echo.port })
      expect([socket.remoteFamily, socket.localAddress, socket.localPort]).toEqual([
        undefined,
        undefined,
        undefined,
      ])
      await pipeline(['to ', 'and ', 'fro'], socket, async (chunks: AsyncIterable<Buffer>) => {
        let all = ''
        for await (const chunk of chunks) all += chunk
        expect(all).toBe('to and fro')
      })
      const inner = expect.stringMatching(/^localhost$/)
      expect(lookup).not.toHaveBeenCalledWith(inner, expect.anything(), expect.anything())
      expect(promised).not.toHaveBeenCalledWith(inner, expect.anything())
      vi.restoreAllMocks()
    }))

  it('leads to a unix socket', () =>
    withHost(async (host) => {
      const path = join(scratchDir('unix'), 'echo.sock')
      const server = createServer({ allowHalfOpen: true }, echo)
      await once(server.listen(path), 'listening')
      expect(await exchange(host.socket({ path }), 'one')).toBe('one')
      expect(await exchange(host.socket().connect(path), 'two')).toBe('two')
      server.close()
    }))
})

describe('a socket that cannot be opened', () => {
  leakCheck()

  const failure = async (socket: Socket): Promise<unknown> => {
    const [error] = await once(socket, 'close').catch((error: unknown) => [error])
    return error
  }

  it('because nothing listens, tells it as the system would', () =>
    withHost(async (host) => {
      const address = { host: '127.0.0.1', port: await freePort('127.0.0.1') }
      const error = await failure(host.socket(address))
      expect(error).toBeInstanceOf(SocketError)
      expect(error).toMatchObject({
        ...{
          code: 'ECONNREFUSED',
          errno: -111,
          syscall: 'connect',
          address: '127.0.0.1',
          port: address.port,
        },
        cause: { name: 'ConnectError', code: 'CONNECTION_REFUSED', hop: { index: 1 } },
      })
      await expect(host.dial(address)).rejects.toMatchObject({
        name: 'ConnectError',
        code: 'CONNECTION_REFUSED',
      })
      await gateways.allFreed()
    }))

  it('because the name is unknown there, has the name', () =>
    withHost(async (host) => {
      expect(await failure(host.socket({ host: 'db.invalid', port: 5432 }))).toMatchObject({
        ...{ code: 'ENOTFOUND', errno: -3008, syscall: 'getaddrinfo', hostname: 'db.invalid' },
        cause: { code: 'NAME_NOT_FOUND' },
      })
    }))

  it('because the gateway forbids it, is a matter of rights', () =>
    withHost(async (host) => {
      const outer = host.gateway as Connection
      expect(await failure(outer.socket(at.echo))).toMatchObject({
        ...{ code: 'EACCES', syscall: 'connect', cause: { code: 'FORWARD_PROHIBITED', hop: { index: 0 } } },
      })
    }))

  it.each(['absent', 'left behind'])('because the unix socket is %s, says where it was to be', (which) =>
    withHost(async (host) => {
      const path = join(scratchDir('unix'), 'gone.sock')
      if (which === 'left behind') {
        await host.run(['python3', '-c', `import socket; socket.socket(socket.AF_UNIX).bind('${path}')`])
      }
      expect(await failure(host.socket({ path }))).toMatchObject({
        ...{ code: 'ECONNREFUSED', address: path, syscall: 'connect' },
        cause: { code: 'CONNECTION_FAILED' },
      })
      rmSync(path, { force: true })
    }),
  )

  it('in time, has timed out; by its signal, is aborted', () =>
    withHost(async (host) => {
      expect(await failure(host.socket(at.echo, { timeoutMs: 1 }))).toMatchObject({ code: 'ETIMEDOUT' })
      expect(await failure(host.socket(at.echo, { signal: AbortSignal.abort() }))).toMatchObject({
        name: 'AbortError',
        code: 'ABORT_ERR',
      })
    }))
})

function get(request: http.ClientRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    request.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(Buffer.concat(chunks).toString()))
    })
    request.end()
  })
}
