// For `ioredis`, which lets a class open its streams. The class is made of the driver's own, so that its types fit and
// its way to disconnect stays; only where the stream comes from is ours.

import type { Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls'
import type { OpensSockets } from './opens-sockets.js'

/** The options of the driver that say where the server is. */
interface RedisServer {
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly path?: string | undefined
  readonly tls?: TlsOptions | undefined
  readonly disconnectTimeout?: number | undefined
}

/** What the driver's own class has, and keeps from others by its types. */
interface DriversConnector {
  connecting: boolean
  stream: Socket
  firstError?: Error
}

/**
 * The option `Connector` of an `ioredis` client: its stream is a channel of the SSH connection. `host`, `port` and
 * `path` stay what they are, and the last hop resolves the name. TLS (`tls`) is end to end, and its certificate is
 * checked for `host`. Not for Sentinel, which has a connector of its own.
 * The connection is not closed with the client.
 *
 * @param AbstractConnector The class of this name that `ioredis` exports.
 * @example new Redis({ host: 'cache.internal', Connector: ioredisConnector(connection, AbstractConnector) })
 */
export function ioredisConnector<Connector>(
  connection: OpensSockets,
  AbstractConnector: abstract new (disconnectTimeout: number) => Connector,
): new (
  options: unknown,
) => Connector & { connect(): Promise<Socket> } {
  const Parent = AbstractConnector as unknown as new (disconnectTimeout: number) => DriversConnector
  class ThroughConnection extends Parent {
    readonly #server: RedisServer

    constructor(options: unknown) {
      const server = options as RedisServer
      super(server.disconnectTimeout ?? 2000)
      this.#server = server
    }

    async connect(): Promise<Socket> {
      this.connecting = true
      const { host = 'localhost', port = 6379, path, tls } = this.#server
      const socket = connection.socket(path ? { path } : { host, port })
      this.stream = tls ? connectTls({ host, port, ...tls, socket }) : socket
      // The driver listens for one error only, and more may come.
      this.stream.on('error', (error) => {
        this.firstError ??= error
      })
      return this.stream
    }
  }
  return ThroughConnection as unknown as new (
    options: unknown,
  ) => Connector & { connect(): Promise<Socket> }
}
