// For `redis` (node-redis), which makes its sockets itself and can only be told a port or a path. It gets the path of a
// unix socket in a directory that nobody else can enter, from which every connection is forwarded.

import { mkdtemp, rm } from 'node:fs/promises'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import type { Address, CallOptions } from '../dialer.js'
import type { Forward, LocalForwardRequest } from '../index.js'

/** What makes local forwards: a `Connection`. */
export interface OpensForwards {
  forwardLocal(request: LocalForwardRequest): Promise<Forward>
}

/** The option `socket` of `createClient()` or `createClientPool()`. For TLS, spread it and say `tls: true` after it. */
export interface RedisSocketOptions {
  readonly path: string
  /** For the certificate, where the server has a name. */
  readonly servername?: string
  /** For the certificate, where it has an address. */
  readonly checkServerIdentity?: (name: string, certificate: PeerCertificate) => Error | undefined
  readonly tls: false
}

/** The way of a `redis` client through a connection. Whoever asked for it closes it. */
export interface RedisSocket extends AsyncDisposable {
  readonly socket: RedisSocketOptions
  /** Its `refused` event tells why the server could not be reached, which the driver cannot know. */
  readonly forward: Forward
  /** Ends the client's connections, and removes the unix socket. Never rejects. */
  close(): Promise<void>
}

/**
 * Opens the connection and a forward for `redis` clients, each of whose connections is then a channel of it. TLS is
 * end to end, and its certificate is checked for the host of `address`.
 *
 * The driver connects to the forward, and not to the server: a server that cannot be reached shows as a connection that
 * is closed at once, and the driver's `connectTimeout` counts only where TLS is inside. The forward keeps the process
 * alive until it is closed, by `close()` or with its connection. Rejects like `connection.forwardLocal()`. On Windows
 * there are no such unix sockets.
 *
 * @example
 * await using through = await redisSocket(connection, { host: 'cache.internal', port: 6379 })
 * const client = createClient({ socket: through.socket })
 */
export async function redisSocket(
  connection: OpensForwards,
  address: Address,
  options: CallOptions = {},
): Promise<RedisSocket> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-'))
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true })
  const path = join(directory, 'redis')
  let forward: Forward
  try {
    forward = await connection.forwardLocal({ ...options, listen: { path }, to: address })
  } catch (error) {
    await remove()
    throw error
  }
  const removed = forward.closed.then(remove).catch(() => {}) // what is left is an empty directory
  const close = async (): Promise<void> => {
    await forward.close()
    await removed
  }
  return {
    socket: { ...identityOf(address), path, tls: false },
    forward,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Not `host`: the driver would look that name up here (node-redis 6.3, for its maintenance notifications). */
function identityOf(address: Address): Pick<RedisSocketOptions, 'servername' | 'checkServerIdentity'> {
  if ('path' in address) return {}
  const { host } = address
  if (isIP(host) === 0) return { servername: host }
  return { checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate) }
}
