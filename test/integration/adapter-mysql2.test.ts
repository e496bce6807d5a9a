// `mysql2` on a real MariaDB behind sshd.

import { createPool, type RowDataPacket } from 'mysql2/promise'
import { mysql2Stream } from '../../src/adapters/index.js'
import { driverContract } from '../support/driver-contract.js'
import { startMariadb } from '../support/mariadb-server.js'

driverContract({
  startServer: startMariadb,
  refused: { code: 'ECONNREFUSED', cause: { code: 'CONNECTION_REFUSED' } },
  timedOut: { code: 'ETIMEDOUT' },
  open(connection, { host, port, user, password, ca }, { size, tls, connectTimeoutMs, ...options }) {
    const pool = createPool({
      ...{ host, port: options.port ?? port, user, password, database: 'shop', connectionLimit: size },
      stream: mysql2Stream(connection),
      ...(tls && { ssl: { ca, verifyIdentity: true } }),
      ...(connectTimeoutMs !== undefined && { connectTimeout: connectTimeoutMs }),
      ...(options.idleTimeoutMs !== undefined && { idleTimeout: options.idleTimeoutMs, maxIdle: 0 }),
    })
    const ask = async (query: string, values: readonly (number | string)[] = []): Promise<RowDataPacket> => {
      const [rows] = await pool.query<RowDataPacket[]>(query, [...values])
      const [row] = rows
      if (row === undefined) throw new Error('no row')
      return row
    }
    let closed: Promise<void> | undefined
    return {
      whoServes: async (holdMs) =>
        String((await ask('SELECT SLEEP(?), CONNECTION_ID() AS id', [holdMs / 1000]))['id']),
      text: async (length) => String((await ask('SELECT REPEAT(?, ?) AS text', ['x', length]))['text']),
      isEncrypted: async () => (await ask("SHOW STATUS LIKE 'Ssl_version'"))['Value'] !== '',
      close: () => {
        closed ??= pool.end()
        return closed
      },
    }
  },
})
