// For `pg`, which makes its own calls of connect() on a socket that it asks for: the socket goes through the connection.

import type { Socket } from 'node:net'
import type { OpensSockets } from './opens-sockets.js'

/**
 * The option `stream` of a `pg` Client or Pool: each of its connections is a channel of the one SSH connection. `host`
 * and `port` stay what they are, and the last hop resolves the name; a `host` that begins with a slash is the directory
 * of a unix socket there. TLS (`ssl`) is end to end, and its certificate is checked for `host`.
 * The connection is not closed with the pool.
 *
 * @example new Pool({ host: 'db.internal', database: 'shop', stream: pgStream(connection) })
 */
export function pgStream(connection: OpensSockets): () => Socket {
  return () => connection.socket()
}
