// What every driver of a database promises when it goes through a connection: one table of tests, which the test file
// of each driver runs with its own pool on its own real server. The sshd rigs' logs prove the path and the channels.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Connection } from '../../src/index.js'
import { Chain } from './chain.js'
import { leakCheck } from './leak-check.js'
import { closeAll, connectionsThrough, connectionTo } from './link-up.js'
import { signalAll } from './proc.js'
import type { RigLog } from './rig-log.js'
import { freePort, startSshd } from './sshd.js'

/** A running database. Its host is as the machine of the last sshd calls it. */
export interface DatabaseServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** Where it speaks TLS: the same port, if the client asks for it there. */
  readonly tlsPort: number
  readonly user: string
  readonly password: string
  /** The authority of its certificate, which is for `host`. */
  readonly ca: string
  /** Where its unix socket is. */
  readonly socketDirectory: string
  readonly log: RigLog
}

export interface PoolOptions {
  readonly size: number
  readonly tls: boolean
  /** Another port than the server's. */
  readonly port?: number
  /** The driver's own limit. With it, the first failure is the call's. */
  readonly connectTimeoutMs?: number
  /** The driver's own limit for connections without work. */
  readonly idleTimeoutMs?: number
}

/** A pool of the driver, as far as the contract uses it. */
export interface DriverPool {
  /** A word for the server's side of the connection that was used, after it was held for so long. */
  whoServes(holdMs: number): Promise<string>
  /** A text of so many characters. */
  text(length: number): Promise<string>
  isEncrypted(): Promise<boolean>
  /** Where a connection without work has to be in some state for the driver to end it. */
  idle?(): void
  /** Resolves when the driver has seen that all its connections were lost; for one that takes no query before. */
  seesLoss?(): Promise<void>
  close(): Promise<unknown>
}

export interface Driver {
  readonly startServer: () => Promise<DatabaseServer>
  readonly open: (
    connection: Connection,
    server: DatabaseServer,
    options: PoolOptions,
  ) => DriverPool | Promise<DriverPool>
  /** What the driver's error says of a refused port. */
  readonly refused: object
  /** What the driver's error says when its own time is over. */
  readonly timedOut: object
}

/** Registers the tests. To be called once, at the top of a file. */
export function driverContract({ startServer, open, refused, timedOut }: Driver): void {
  leakCheck()
  let server: DatabaseServer
  let chain: Chain
  beforeAll(async () => {
    server = await startServer()
    const inner = await startSshd({ name: 'inner' })
    chain = new Chain([
      await startSshd({ name: 'outer', config: [`PermitOpen ${inner.host}:${inner.port}`] }),
      inner,
    ])
  })
  afterAll(async () => {
    await chain?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
  })

  /** Runs the test with a pool behind one sshd or both, and leaves nothing behind. */
  async function withPool(
    options: Partial<PoolOptions> & { readonly hops?: 1 | 2 },
    use: (pool: DriverPool, connection: Connection) => Promise<void>,
  ): Promise<void> {
    const { hops = 1, size = 1, tls = false, ...rest } = options
    const connections = hops === 2 ? connectionsThrough(chain) : [connectionTo(chain.at(1))]
    const connection = connections.at(-1)
    if (connection === undefined) throw new Error('no connection')
    // What the sessions of the test before have to say belongs to that.
    const inner = chain.at(1)
    await vi.waitFor(() => expect(inner.sessions()).toEqual([]), { timeout: 5000 })
    try {
      await connection.open()
      mark = inner.log.lines().length
      const pool = await open(connection, server, { size, tls, ...rest })
      try {
        await use(pool, connection)
      } finally {
        await pool.close()
      }
    } finally {
      await closeAll(connections)
    }
  }

  /** How much the last sshd has logged when the connection of a test is open. */
  let mark = 0

  /** How many logins the last sshd has accepted since, and how many channels to databases it has opened and freed. */
  const counts = () => {
    const count = (pattern: RegExp) => lines.filter(({ text }) => pattern.test(text)).length
    const lines = chain.at(1).log.lines().slice(mark)
    return {
      logins: count(/^Accepted \S+ for /),
      opened: count(/direct_tcpip: originator/),
      freed: count(/channel \d+: free: direct-tcpip/),
    }
  }

  /** When every channel that was opened since is gone from the last sshd. */
  const allFreed = (): Promise<void> =>
    vi.waitFor(() => expect(counts().freed).toBe(counts().opened), { timeout: 5000 })

  describe.each([1, 2] as const)('through %i sshd', (hops) => {
    test.each([false, true])('a query is answered, with TLS inside: %s', (tls) =>
      withPool({ hops, tls }, async (pool) => {
        expect(await pool.whoServes(0)).toMatch(/^\d+$/)
        expect(await pool.isEncrypted()).toBe(tls)
      }),
    )

    test.each([false, true])('a result of 4 MiB arrives whole, with TLS inside: %s', (tls) =>
      withPool({ hops, tls }, async (pool) => {
        expect(await pool.text(4 * 1024 * 1024)).toHaveLength(4 * 1024 * 1024)
      }),
    )

    test('a pool of ten works side by side over one login', () =>
      withPool({ hops, tls: true, size: 10 }, async (pool) => {
        const served = await Promise.all(Array.from({ length: 30 }, () => pool.whoServes(100)))
        expect(served).toHaveLength(30)
        expect(new Set(served).size).toBe(10)
        expect(counts()).toMatchObject({ logins: 0, opened: 10 })
      }))
  })

  test('the driver’s idle time-out closes the channel, and not the gateway', () =>
    // It is the limit of a login for some of them, too.
    withPool({ idleTimeoutMs: 600 }, async (pool, connection) => {
      await pool.whoServes(0)
      expect(counts().opened).toBe(1)
      pool.idle?.()
      await vi.waitFor(() => expect(counts().freed).toBeGreaterThanOrEqual(1), { timeout: 5000 })
      expect(connection.state).toBe('open')
      expect(counts().logins).toBe(0)
      expect(await pool.whoServes(0)).toMatch(/^\d+$/)
    }))

  test('the driver’s connect time-out takes back a channel that is not open yet, and not the gateway', () =>
    withPool({ tls: true, connectTimeoutMs: 300 }, async (pool, connection) => {
      const sessions = chain.at(1).sessions()
      signalAll(sessions, 'SIGSTOP')
      try {
        await expect(pool.whoServes(0)).rejects.toMatchObject(timedOut)
      } finally {
        signalAll(sessions, 'SIGCONT')
      }
      await connection.run('true')
      await allFreed()
      expect(connection.state).toBe('open')
      expect(counts()).toMatchObject({ logins: 0, opened: 1 })
    }))

  test('a refused port is the driver’s error, and the gateway serves others', async () => {
    const port = await freePort('127.0.0.1')
    await withPool({ port, connectTimeoutMs: 5000 }, async (pool, connection) => {
      await expect(pool.whoServes(0)).rejects.toMatchObject(refused)
      expect((await connection.run('echo here')).stdout).toBe('here\n')
    })
  })

  test('a pool whose gateway was lost works again', () =>
    withPool({ size: 3, tls: true }, async (pool, connection) => {
      await Promise.all([pool.whoServes(100), pool.whoServes(100), pool.whoServes(100)])
      expect(counts().logins).toBe(0)
      const lost = connection.closed
      chain.at(1).killSessions()
      await lost
      await pool.seesLoss?.()
      await vi.waitFor(async () => expect(await pool.whoServes(0)).toMatch(/^\d+$/), { timeout: 10_000 })
      expect(new Set(await Promise.all([1, 2, 3].map(() => pool.whoServes(100)))).size).toBe(3)
      expect(counts().logins).toBe(1)
    }))

  test('a closed pool leaves no channel open', async () => {
    await withPool({ size: 3 }, async (pool, connection) => {
      await Promise.all([pool.whoServes(100), pool.whoServes(100), pool.whoServes(100)])
      await pool.close()
      await allFreed()
      expect(counts().opened).toBe(3)
      expect(connection.state).toBe('open')
    })
  })
}
