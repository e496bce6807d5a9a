// For `postgres` (postgres.js), which asks for a socket and takes it for connected. It gets one that queues what is
// written: a promise that rejects would leave the place in its pool taken for ever, and its time-out starts too late.

import type { Socket } from 'node:net'
import type { Address } from '../dialer.js'
import type { OpensSockets } from './opens-sockets.js'

/** What the driver tells of the server. */
export interface PostgresServer {
  readonly host: readonly string[]
  readonly port: readonly number[]
  /** The path of a unix socket on the last hop; the driver makes it of a `host` that has a slash. */
  readonly path?: string | false | null | undefined
}

/**
 * The option `socket` of `postgres()`: each of its connections is a channel of the one SSH connection. `host`, `port`
 * and `path` stay what they are, and the last hop resolves the name; of several hosts each new connection takes the
 * next. TLS (`ssl`) is end to end, and its certificate is checked for the host.
 * The driver's types do not know the option: give it in an object that is a variable, or spread.
 * The connection is not closed with the pool.
 *
 * @example postgres({ host: 'db.internal', ...{ socket: postgresSocket(connection) } })
 */
export function postgresSocket(connection: OpensSockets): (server: PostgresServer) => Socket {
  let made = 0
  return ({ host: hosts, port: ports, path }) => {
    const at = made++ % Math.max(1, hosts.length)
    const host = hosts[at] ?? 'localhost'
    const port = ports[at] ?? 5432
    const address: Address = typeof path === 'string' && path !== '' ? { path } : { host, port }
    // The driver reads these from its own sockets: for the name in the certificate, and for messages.
    return Object.assign(connection.socket(address), { host, port })
  }
}
