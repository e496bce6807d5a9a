// What every HTTP client promises when it goes through a connection: one table of tests, which the test file of each
// client runs on a real nginx behind real sshd. Their logs prove the path, the logins and the channels.

import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../src/index.js'
import { type Gateways, startGateways } from './gateways.js'
import { leakCheck } from './leak-check.js'
import { largeBytes, sha256, startNginx, type WebServer } from './nginx-server.js'
import { signalAll } from './proc.js'
import { freePort } from './sshd.js'

export interface WebClientOptions {
  /** How many connections it may have to one origin. */
  readonly size: number
  /** The authority for https. */
  readonly ca: string | undefined
  /** The client's own limit for connections without work. */
  readonly idleTimeoutMs?: number
  /** The adapter's limit for opening a stream. */
  readonly timeoutMs?: number
}

export interface WebRequest {
  readonly body?: AsyncIterable<Buffer>
  readonly signal?: AbortSignal
}

/** An HTTP client, as far as the contract uses it. */
export interface WebClient {
  /** GET, or PUT where there is a body. */
  request(url: string, options?: WebRequest): Promise<Readable>
  close(): Promise<void>
}

/** Registers the tests. To be called once, at the top of a file. */
export function webContract(
  open: (connection: Connection, options: WebClientOptions) => WebClient,
): () => { readonly web: WebServer; readonly gateways: Gateways } {
  leakCheck()
  let web: WebServer
  let gateways: Gateways
  beforeAll(async () => {
    web = await startNginx()
    gateways = await startGateways()
  })
  afterAll(async () => {
    await gateways?.[Symbol.asyncDispose]()
    await web?.[Symbol.asyncDispose]()
  })

  const withClient = (
    options: Partial<WebClientOptions> & { readonly hops?: 1 | 2 },
    use: (client: WebClient, connection: Connection) => Promise<void>,
  ): Promise<void> => {
    const { hops = 1, size = 4, ca = web.ca, ...rest } = options
    return gateways.withConnection(hops, async (connection) => {
      const client = open(connection, { size, ca, ...rest })
      try {
        await use(client, connection)
      } finally {
        await client.close()
      }
    })
  }

  describe.each(['http', 'https'] as const)('%s', (scheme) => {
    const origin = (): string => `${scheme}://${web[scheme]}`

    test('a thousand requests through two sshd need one login and four channels', () =>
      withClient({ hops: 2, size: 4 }, async (client) => {
        const before = { ...gateways.counts(), connections: web.connections() }
        let left = 1000
        const worker = async (): Promise<void> => {
          while (left-- > 0)
            expect(await text(await client.request(`${origin()}/hello`))).toMatch(/^hello \d/)
        }
        await Promise.all([1, 2, 3, 4].map(worker))
        const after = gateways.counts()
        expect(after.logins).toBe(before.logins + 1)
        expect(after.opened - before.opened).toBeGreaterThanOrEqual(1)
        expect(after.opened - before.opened).toBeLessThanOrEqual(4)
        expect(web.connections() - before.connections).toBe(after.opened - before.opened)
      }))

    test('large bodies go both ways whole, as streams', () =>
      withClient({ hops: 2 }, async (client) => {
        const received = await buffer(await client.request(`${origin()}/large`))
        expect(received).toHaveLength(largeBytes)
        expect(sha256(received)).toBe(web.largeSha256)
        const pieces = async function* (): AsyncGenerator<Buffer> {
          for (let at = 0; at < received.length; at += 100_000) yield received.subarray(at, at + 100_000)
        }
        await text(await client.request(`${origin()}/put/${scheme}`, { body: pieces() }))
        expect(web.sha256Of(scheme)).toBe(web.largeSha256)
      }))

    test('an aborted request ends its channel, and not the gateway', () =>
      withClient({}, async (client, connection) => {
        const abort = new AbortController()
        const body = await client.request(`${origin()}/slow`, { signal: abort.signal })
        await once(body, 'readable')
        const { logins } = gateways.counts()
        abort.abort()
        await expect(buffer(body)).rejects.toThrow()
        await gateways.allFreed()
        expect(connection.state).toBe('open')
        expect(await text(await client.request(`${origin()}/hello`))).toMatch(/^hello/)
        expect(gateways.counts().logins).toBe(logins)
      }))

    test('a request whose gateway is lost fails, and the next one is answered', () =>
      withClient({}, async (client, connection) => {
        const body = await client.request(`${origin()}/slow`)
        const { logins } = gateways.counts()
        const failed = expect(buffer(body)).rejects.toThrow()
        await gateways.lose(connection)
        await failed
        expect(await text(await client.request(`${origin()}/hello`))).toMatch(/^hello/)
        expect(gateways.counts().logins).toBe(logins + 1)
      }))

    test('the client’s idle time-out closes the channel, and not the gateway', () =>
      withClient({ idleTimeoutMs: 200 }, async (client, connection) => {
        await text(await client.request(`${origin()}/hello`))
        await gateways.allFreed()
        expect(connection.state).toBe('open')
        expect(await text(await client.request(`${origin()}/hello`))).toMatch(/^hello/)
      }))

    test('the server’s idle time-out closes the channel, and the next request has another', () =>
      withClient({}, async (client, connection) => {
        await text(await client.request(`${origin()}/short`))
        await gateways.allFreed()
        expect(connection.state).toBe('open')
        expect(await text(await client.request(`${origin()}/hello`))).toMatch(/^hello/)
      }))

    test('a refused port is ECONNREFUSED, and the gateway serves others', () =>
      withClient({}, async (client) => {
        const port = await freePort('127.0.0.1')
        const error = await client.request(`${scheme}://localhost:${port}/`).catch((error) => error)
        expect(causeWithCode(error)).toMatchObject({
          code: 'ECONNREFUSED',
          cause: { code: 'CONNECTION_REFUSED' },
        })
        expect(await text(await client.request(`${origin()}/hello`))).toMatch(/^hello/)
      }))
  })

  test('a certificate of another name, or of an unknown authority, is refused, and nothing of it stays', async () => {
    const { https } = web
    const refusal = async (client: WebClient, url: string, code: unknown): Promise<void> => {
      const error = await client.request(url).catch((error) => error)
      expect(causeWithCode(error)).toMatchObject({ code })
      await gateways.allFreed()
    }
    const elsewhere = https.replace('localhost', '127.0.0.1')
    await withClient({}, (client) =>
      refusal(client, `https://${elsewhere}/hello`, 'ERR_TLS_CERT_ALTNAME_INVALID'),
    )
    await withClient({ ca: '' }, (client) =>
      refusal(client, `https://${https}/hello`, expect.stringMatching(/SELF_SIGNED|UNABLE_TO_/)),
    )
  })

  test('a stream that does not open in time is ETIMEDOUT, and nothing of it stays', () =>
    withClient({ timeoutMs: 300 }, async (client, connection) => {
      await connection.open()
      const sessions = gateways.chain.at(1).sessions()
      signalAll(sessions, 'SIGSTOP')
      try {
        const error = await client.request(`http://${web.http}/hello`).catch((error) => error)
        expect(causeWithCode(error)).toMatchObject({ code: 'ETIMEDOUT' })
      } finally {
        signalAll(sessions, 'SIGCONT')
      }
      await connection.run('true')
      await gateways.allFreed()
    }))

  return () => ({ web, gateways })
}

/** The first error of a row of causes that has a code. */
export function causeWithCode(error: unknown): unknown {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
  return code === undefined && cause !== undefined ? causeWithCode(cause) : error
}
