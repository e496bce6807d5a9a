// `mongodb` through sshd. Debian has no MongoDB: a server of the rig's own answers the driver's handshake and nothing
// of data, so that these tests prove the route and its failures, and no query.

import { inspect } from 'node:util'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MongodbProxy, mongodbProxy } from '../../src/adapters/index.js'
import type { Connection } from '../../src/index.js'
import { type Gateways, startGateways } from '../support/gateways.js'
import { leakCheck } from '../support/leak-check.js'
import { MongodbServer } from '../support/mongodb-server.js'
import { freePort } from '../support/sshd.js'

leakCheck()
let server: MongodbServer
let gateways: Gateways
beforeAll(async () => {
  server = await new MongodbServer().listen()
  gateways = await startGateways()
})
afterAll(async () => {
  await gateways?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
})

const url = (port = server.port): string => `mongodb://${server.host}:${port}/?directConnection=true`

/** The driver's SOCKS client (socks 2.8.10) never clears its timer; it does not hold the process, but leakCheck sees it. */
const limitsOfTests = { connectTimeoutMS: 500, serverSelectionTimeoutMS: 300 }

/** Runs a test with a client behind its proxy; closes the client, the proxy and the connection, in this order. */
const withClient = (
  hops: 1 | 2,
  use: (client: MongoClient, connection: Connection, proxy: MongodbProxy) => Promise<void>,
  clientOptions = {},
): Promise<void> =>
  gateways.withConnection(hops, async (connection) => {
    await using proxy = await mongodbProxy(connection)
    const limits = { ...limitsOfTests, serverSelectionTimeoutMS: 5000, ...clientOptions }
    const client = new MongoClient(url(), { ...proxy.options, ...limits })
    try {
      await use(client, connection, proxy)
    } finally {
      await client.close()
    }
  })

test.each([1, 2] as const)('the driver’s own handshake takes the route through %i sshd', (hops) =>
  withClient(hops, async (client) => {
    const before = gateways.counts()
    const known = server.clients.length
    await client.connect()
    expect(await client.db('admin').command({ ping: 1 })).toEqual({ ok: 1 })
    expect(server.clients.slice(known)).toContainEqual(
      expect.objectContaining({ driver: expect.objectContaining({ name: 'nodejs' }) }),
    )
    expect(server.commands.at(-1)).toBe('ping')
    const opened = gateways.counts().opened - before.opened
    expect(opened).toBeGreaterThan(0)
    expect(gateways.chain.at(1).forwards().slice(-opened)).toEqual(
      Array.from({ length: opened }, () => `${server.host}:${server.port}`),
    )
    expect(server.live).toBeLessThanOrEqual(opened)
  }),
)

test('a pool of ten works over one login, and closing the client leaves no channel', () =>
  withClient(
    2,
    async (client, connection) => {
      const before = gateways.counts()
      await Promise.all(Array.from({ length: 100 }, () => client.db('admin').command({ ping: 1 })))
      expect(gateways.counts().logins).toBe(before.logins)
      await client.close()
      await gateways.allFreed()
      expect(connection.state).toBe('open')
    },
    { minPoolSize: 10, maxPoolSize: 10 },
  ))

test('a client whose gateway was lost works again', () =>
  withClient(1, async (client, connection) => {
    await client.db('admin').command({ ping: 1 })
    const { logins } = gateways.counts()
    await gateways.lose(connection)
    await client
      .db('admin')
      .command({ ping: 1 })
      .catch(() => client.db('admin').command({ ping: 1 }))
    expect(gateways.counts().logins).toBe(logins + 1)
  }))

test('a refused port is the client’s error, and the proxy serves others', () =>
  withClient(1, async (client, _, proxy) => {
    const port = await freePort('127.0.0.1')
    const other = new MongoClient(url(port), { ...proxy.options, ...limitsOfTests })
    await expect(other.connect()).rejects.toMatchObject({ name: 'MongoServerSelectionError' })
    await other.close()
    expect(await client.db('admin').command({ ping: 1 })).toEqual({ ok: 1 })
  }))

test('nobody gets through the proxy without its password, and it does not show that', () =>
  gateways.withConnection(1, async (connection) => {
    await using proxy = await mongodbProxy(connection)
    const { proxyHost, proxyPort, proxyUsername, proxyPassword } = proxy.options
    expect(proxyHost).toBe('127.0.0.1')
    const { opened } = gateways.counts()
    for (const stranger of [{}, { proxyUsername, proxyPassword: 'a guess' }]) {
      const client = new MongoClient(url(), { proxyHost, proxyPort, ...stranger, ...limitsOfTests })
      await expect(client.connect()).rejects.toThrow()
      await client.close()
    }
    expect(gateways.counts().opened).toBe(opened)
    expect(`${inspect(proxy)}${JSON.stringify(proxy)}`).not.toContain(proxyPassword)
  }))

test('only permitted servers are reached', () =>
  gateways.withConnection(1, async (connection) => {
    await using proxy = await mongodbProxy(connection, { permit: ['elsewhere.internal:27017'] })
    const client = new MongoClient(url(), { ...proxy.options, ...limitsOfTests })
    const { opened } = gateways.counts()
    await expect(client.connect()).rejects.toThrow()
    await client.close()
    expect(gateways.counts().opened).toBe(opened)
  }))
