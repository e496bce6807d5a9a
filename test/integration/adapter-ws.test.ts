// `ws` through sshd, on its own server behind a real nginx.

import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { wsAgent } from '../../src/adapters/index.js'
import type { Connection } from '../../src/index.js'
import { EchoServer } from '../support/echo-server.js'
import { type Gateways, startGateways } from '../support/gateways.js'
import { leakCheck } from '../support/leak-check.js'
import { startNginx, type WebServer } from '../support/nginx-server.js'
import { signalAll } from '../support/proc.js'
import { freePort } from '../support/sshd.js'

leakCheck()
let server: EchoServer
let web: WebServer
let gateways: Gateways
beforeAll(async () => {
  server = await new EchoServer().listen()
  web = await startNginx({ webSocketPath: server.path })
  gateways = await startGateways()
})
afterAll(async () => {
  await gateways?.[Symbol.asyncDispose]()
  await web?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
})

const open = async (connection: Connection, url: string): Promise<WebSocket> => {
  const socket = new WebSocket(url, { agent: wsAgent(connection, url, { ca: web.ca }) })
  await once(socket, 'open')
  return socket
}

/** Ends it from here, and waits for the other side's word and for the end of the channel. */
const close = async (socket: WebSocket): Promise<void> => {
  const closed = once(socket, 'close')
  socket.close(4000, 'enough')
  expect(await closed).toEqual([4000, Buffer.from('enough')])
  await gateways.allFreed()
}

test.each([
  ['ws', 1],
  ['ws', 2],
  ['wss', 1],
  ['wss', 2],
] as const)('%s: messages go both ways through %i sshd, and closing ends the channel', (scheme, hops) =>
  gateways.withConnection(hops, async (connection) => {
    const socket = await open(connection, `${scheme}://${scheme === 'ws' ? web.http : web.https}/ws`)
    socket.send('a text')
    expect(await once(socket, 'message')).toEqual([Buffer.from('a text'), false])
    const large = Buffer.alloc(4 * 1024 * 1024, 'large')
    socket.send(large)
    const [answer] = await once(socket, 'message')
    expect(large.equals(answer)).toBe(true)
    await close(socket)
    expect(connection.state).toBe('open')
  }),
)

test('a server that ends it closes the channel, and not the gateway', () =>
  gateways.withConnection(1, async (connection) => {
    const socket = await open(connection, `ws://${web.http}/ws`)
    const closed = once(socket, 'close')
    server.closeAll(4001, 'go')
    expect(await closed).toEqual([4001, Buffer.from('go')])
    await gateways.allFreed()
    expect(connection.state).toBe('open')
  }))

test('a lost gateway closes it as a cut network does, and another one opens', () =>
  gateways.withConnection(1, async (connection) => {
    const socket = await open(connection, `wss://${web.https}/ws`)
    const errors: unknown[] = []
    socket.on('error', (error) => errors.push(error))
    const closed = once(socket, 'close')
    await gateways.lose(connection)
    expect(await closed).toEqual([1006, Buffer.alloc(0)])
    await close(await open(connection, `wss://${web.https}/ws`))
  }))

test('a refused port is ECONNREFUSED, and an upgrade that is refused leaves nothing', () =>
  gateways.withConnection(1, async (connection) => {
    await expect(open(connection, `ws://localhost:${await freePort('127.0.0.1')}/`)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      cause: { code: 'CONNECTION_REFUSED' },
    })
    await expect(open(connection, `ws://${web.http}/hello`)).rejects.toThrow('200')
    await gateways.allFreed()
  }))

test('its handshake time-out and its terminate() end the channel before it is open', () =>
  gateways.withConnection(1, async (connection) => {
    await connection.open()
    const url = `ws://${web.http}/ws`
    const agent = wsAgent(connection, url)
    const { logins } = gateways.counts()
    const sessions = gateways.chain.at(1).sessions()
    signalAll(sessions, 'SIGSTOP')
    try {
      const late = new WebSocket(url, { agent, handshakeTimeout: 200 })
      await expect(once(late, 'open')).rejects.toThrow('timed out')
      const given = new WebSocket(url, { agent })
      const failed = expect(once(given, 'open')).rejects.toThrow('before the connection was established')
      given.terminate()
      await failed
    } finally {
      signalAll(sessions, 'SIGCONT')
    }
    await connection.run('true')
    await gateways.allFreed()
    expect(gateways.counts().logins).toBe(logins)
  }))
