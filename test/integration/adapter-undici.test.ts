// `undici` on a real nginx behind sshd.

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import { expect, test } from 'vitest'
import { undiciConnect } from '../../src/adapters/index.js'
import { sha256 } from '../support/nginx-server.js'
import { freePort } from '../support/sshd.js'
import { webContract } from '../support/web-contract.js'

const rigs = webContract((connection, { size, ca, idleTimeoutMs, timeoutMs }) => {
  const agent = new Agent({
    connections: size,
    connect: undiciConnect(connection, { tls: { ca }, timeoutMs }),
    ...(idleTimeoutMs === undefined ? {} : { keepAliveTimeout: idleTimeoutMs }),
  })
  return {
    async request(url, { body, signal } = {}) {
      const content = body === undefined ? null : Readable.from(body)
      const method = content === null ? 'GET' : 'PUT'
      return (await request(url, { dispatcher: agent, method, body: content, signal })).body
    },
    close: () => agent.close(),
  }
})

test('the global fetch takes the dispatcher: bodies go both ways, an abort ends the channel, errors keep their code', async () => {
  const { web, gateways } = rigs()
  await gateways.withConnection(2, async (connection) => {
    const dispatcher = new Agent({ connect: undiciConnect(connection, { tls: { ca: web.ca } }) })
    const get = (url: string, options: object = {}): Promise<Response> =>
      fetch(url, { dispatcher, ...options } as object)
    const large = Buffer.from(await (await get(`https://${web.https}/large`)).arrayBuffer())
    expect(sha256(large)).toBe(web.largeSha256)
    const put = { method: 'PUT', body: new Blob([large]).stream(), duplex: 'half' }
    await (await get(`https://${web.https}/put/fetched`, put)).arrayBuffer()
    expect(web.sha256Of('fetched')).toBe(web.largeSha256)
    const abort = new AbortController()
    const slow = await get(`http://${web.http}/slow`, { signal: abort.signal })
    abort.abort()
    await expect(slow.arrayBuffer()).rejects.toMatchObject({ name: 'AbortError' })
    const refused = get(`http://localhost:${await freePort('127.0.0.1')}/`)
    await expect(refused).rejects.toMatchObject({
      cause: { code: 'ECONNREFUSED', cause: { code: 'CONNECTION_REFUSED' } },
    })
    await dispatcher.close()
    await gateways.allFreed()
    expect(connection.state).toBe('open')
  })
})

test('HTTP/2 is spoken where both sides want it', async () => {
  const { web, gateways } = rigs()
  await gateways.withConnection(1, async (connection) => {
    const connect = undiciConnect(connection, { tls: { ca: web.ca } })
    // undici 7.30.2 forgets the timer of bodyTimeout after an answer by HTTP/2, on sockets of Node's own too.
    const agent = new Agent({ connect, allowH2: true, bodyTimeout: 0 })
    const { body } = await request(`https://${web.https}/scheme`, { dispatcher: agent })
    expect(await body.text()).toMatch(/^https HTTP\/2\.0/)
    await agent.close()
  })
})

test('a session of TLS is used again by the next stream to the same name and port', async () => {
  const { web, gateways } = rigs()
  await gateways.withConnection(1, async (connection) => {
    const connect = undiciConnect(connection, { tls: { ca: web.ca } })
    const reused: string[] = []
    for (const _ of [1, 2]) {
      const agent = new Agent({ connect })
      const { body } = await request(`https://${web.https}/scheme`, { dispatcher: agent })
      reused.push((await body.text()).at(-1) ?? '')
      await agent.close()
    }
    expect(reused).toEqual(['.', 'r'])
  })
})

test('a unix socket of the last hop is reached by socketPath', async () => {
  const { web, gateways } = rigs()
  await gateways.withConnection(2, async (connection) => {
    const agent = new Agent({ connect: undiciConnect(connection), socketPath: web.socketPath })
    const { body } = await request('http://some.name/hello', { dispatcher: agent })
    expect(await body.text()).toMatch(/^hello/)
    await agent.close()
  })
})

test('a server that says nothing in TLS is ETIMEDOUT', async () => {
  const silent = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const { gateways } = rigs()
  await gateways.withConnection(1, async (connection) => {
    const agent = new Agent({ connect: undiciConnect(connection, { timeoutMs: 500 }) })
    await connection.open()
    await expect(request(`https://localhost:${port}/`, { dispatcher: agent })).rejects.toMatchObject({
      code: 'ETIMEDOUT',
    })
    await agent.close()
    await gateways.allFreed()
  })
  silent.close()
  await once(silent, 'close')
})
