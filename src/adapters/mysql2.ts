// For `mysql2`, which asks for a stream to a server that its configuration names.

import type { Socket } from 'node:net'
import type { OpensSockets } from './opens-sockets.js'

/** What the driver tells of the server. */
export interface Mysql2Server {
  readonly config: {
    readonly host?: string | undefined
    readonly port?: number | undefined
    /** The path of a unix socket on the last hop. */
    readonly socketPath?: string | undefined
  }
}

/**
 * The option `stream` of a `mysql2` connection or pool: each of its connections is a channel of the one SSH connection.
 * `host`, `port` and `socketPath` stay what they are, and the last hop resolves the name. TLS (`ssl`) is end to end.
 * The connection is not closed with the pool.
 *
 * @example createPool({ host: 'db.internal', user: 'shop', stream: mysql2Stream(connection) })
 */
export function mysql2Stream(connection: OpensSockets): (server: Mysql2Server) => Socket {
  return ({ config: { host, port, socketPath } }) =>
    connection.socket(socketPath ? { path: socketPath } : { host: host ?? 'localhost', port: port ?? 3306 })
}
