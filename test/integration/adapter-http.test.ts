// Node's own HTTP clients on a real nginx behind sshd.

import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { httpAgent, httpsAgent } from '../../src/adapters/index.js'
import { webContract } from '../support/web-contract.js'

const rigs = webContract((connection, { size, ca, idleTimeoutMs, timeoutMs }) => {
  const options = { maxSockets: size, timeout: idleTimeoutMs, timeoutMs }
  const agents = { http: httpAgent(connection, options), https: httpsAgent(connection, { ...options, ca }) }
  return {
    async request(url, { body, signal } = {}) {
      const isSecure = url.startsWith('https:')
      const method = body === undefined ? 'GET' : 'PUT'
      const options = { agent: isSecure ? agents.https : agents.http, method, signal }
      const request = isSecure ? requestHttps(url, options) : requestHttp(url, options)
      const answered = responseOf(request)
      if (body === undefined) request.end()
      else await pipeline(body, request)
      return answered
    },
    async close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
})

/** What fails after the response has begun is told by the response, too. */
async function responseOf(request: ClientRequest): Promise<IncomingMessage> {
  request.on('error', () => {})
  const [response] = await once(request, 'response')
  return response
}

async function textOf(request: ClientRequest): Promise<string> {
  const closed = once(request, 'close')
  const answer = await text(await responseOf(request))
  await closed
  return answer
}

test('a request without an agent goes through a socket that createConnection gives', async () => {
  const { web, gateways } = rigs()
  await gateways.withConnection(2, async (connection) => {
    const [host = '', port] = web.http.split(':')
    const createConnection = () => connection.socket({ host, port: Number(port) })
    const request = requestHttp({ path: '/hello', createConnection }).end()
    expect(await textOf(request)).toMatch(/^hello/)
    const securePort = Number(web.https.split(':')[1])
    const createTls = () =>
      connectTls({ ca: web.ca, servername: host, socket: connection.socket({ host, port: securePort }) })
    const secure = requestHttps({ path: '/scheme', createConnection: createTls }).end()
    expect(await textOf(secure)).toMatch(/^https HTTP\/1\.1/)
  })
})

test('a unix socket of the last hop is reached by socketPath', async () => {
  const { web, gateways } = rigs()
  await gateways.withConnection(1, async (connection) => {
    const agent = httpAgent(connection)
    const request = requestHttp({ socketPath: web.socketPath, path: '/hello', agent }).end()
    expect(await textOf(request)).toMatch(/^hello/)
    agent.destroy()
  })
})

test('an idle agent that nobody destroyed goes with its connection', async () => {
  const { web, gateways } = rigs()
  await gateways.withConnection(1, async (connection) => {
    const agent = httpsAgent(connection, { ca: web.ca })
    const request = requestHttps(`https://${web.https}/hello`, { agent }).end()
    expect(await textOf(request)).toMatch(/^hello/)
  })
})
