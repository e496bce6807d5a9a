// The databases of the documented network: `db.internal`, which only gatewayhost and what is behind it reach, has a
// PostgreSQL, a MariaDB and a Redis on their usual ports. All have the user `shop` (Redis: `default`) and the password
// `made up`; they share one certificate, which is its own authority.

import { startMariadb } from '../support/mariadb-server.js'
import { startPostgres } from '../support/postgres-server.js'
import { startRedis } from '../support/redis-server.js'
import type { DocumentedNetwork } from './documented-network.js'
import { selfSigned } from './self-signed.js'

export interface DocumentedDatabases extends AsyncDisposable {
  /** The authority of their certificate, in PEM. */
  readonly ca: string
}

/** Starts them. The caller disposes them before the network. */
export async function startDocumentedDatabases({ deep }: DocumentedNetwork): Promise<DocumentedDatabases> {
  const name = 'db.internal'
  const certificate = selfSigned(name)
  const place = { name, certificate, address: deep.address, under: ['ip', 'netns', 'exec', deep.name] }
  const started = await Promise.allSettled([
    startPostgres({ ...place, port: 5432 }),
    startMariadb({ ...place, port: 3306 }),
    startRedis({ ...place, port: 6379 }),
  ])
  const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const dispose = async (): Promise<void> => {
    await Promise.all(running.map((server) => server[Symbol.asyncDispose]()))
  }
  for (const one of started) {
    if (one.status === 'fulfilled') continue
    await dispose()
    throw one.reason
  }
  return { ca: certificate.cert, [Symbol.asyncDispose]: dispose }
}
