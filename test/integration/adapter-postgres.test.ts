// `postgres` (postgres.js) on a real PostgreSQL behind sshd.

import postgres from 'postgres'
import { expect, vi } from 'vitest'
import { postgresSocket } from '../../src/adapters/index.js'
import { driverContract } from '../support/driver-contract.js'
import { startPostgres } from '../support/postgres-server.js'

driverContract({
  startServer: startPostgres,
  refused: { code: 'ECONNREFUSED', cause: { code: 'CONNECTION_REFUSED' } },
  timedOut: { code: 'CONNECT_TIMEOUT' },
  open(connection, { host, port, user, password, ca }, { size, tls, connectTimeoutMs, ...options }) {
    let closed = 0
    const sql = postgres({
      ...{ host, port: options.port ?? port, user, password, database: 'shop', max: size },
      ...{ socket: postgresSocket(connection) },
      ssl: tls ? { ca } : false,
      backoff: () => 0.05,
      onclose: () => {
        closed += 1
      },
      ...(connectTimeoutMs !== undefined && { connect_timeout: connectTimeoutMs / 1000 }),
      ...(options.idleTimeoutMs !== undefined && { idle_timeout: options.idleTimeoutMs / 1000 }),
    })
    return {
      whoServes: async (holdMs) => {
        const [row] = await sql`SELECT pg_sleep(${holdMs / 1000}), pg_backend_pid() AS pid`
        return String(row?.['pid'])
      },
      text: async (length) => {
        const [row] = await sql`SELECT repeat('x', ${length}) AS text`
        return String(row?.['text'])
      },
      isEncrypted: async () => {
        const [row] = await sql`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`
        return row?.['ssl'] === true
      },
      // 3.4.9 keeps a query that it was to write when its socket closed, and begins its next connection with that; the
      // server waits for the rest until the driver's connect time-out.
      seesLoss: () => vi.waitFor(() => expect(closed).toBe(size)),
      close: () => sql.end({ timeout: 1 }),
    }
  },
})
