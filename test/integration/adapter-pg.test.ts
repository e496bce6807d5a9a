// `pg` on a real PostgreSQL behind sshd.

import pg from 'pg'
import { pgStream } from '../../src/adapters/index.js'
import { driverContract } from '../support/driver-contract.js'
import { startPostgres } from '../support/postgres-server.js'

driverContract({
  startServer: startPostgres,
  refused: { code: 'ECONNREFUSED', cause: { code: 'CONNECTION_REFUSED' } },
  timedOut: { message: 'Connection terminated due to connection timeout' },
  open(connection, { host, port, user, password, ca }, { size, tls, connectTimeoutMs, ...options }) {
    const pool = new pg.Pool({
      ...{ host, port: options.port ?? port, user, password, database: 'shop', max: size },
      stream: pgStream(connection),
      ssl: tls ? { ca } : false,
      connectionTimeoutMillis: connectTimeoutMs,
      idleTimeoutMillis: options.idleTimeoutMs,
    })
    pool.on('error', () => {}) // a connection without work was lost
    const ask = async (query: string, values: readonly unknown[] = []): Promise<string> => {
      const { rows } = await pool.query({ text: query, values: [...values], rowMode: 'array' })
      return String(rows[0]?.[0])
    }
    let closed: Promise<void> | undefined
    return {
      whoServes: (holdMs) =>
        ask('SELECT pid FROM (SELECT pg_sleep($1), pg_backend_pid() AS pid) AS held', [holdMs / 1000]),
      text: (length) => ask('SELECT repeat($1, $2)', ['x', length]),
      isEncrypted: async () =>
        (await ask('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')) === 'true',
      close: () => {
        closed ??= pool.end()
        return closed
      },
    }
  },
})
