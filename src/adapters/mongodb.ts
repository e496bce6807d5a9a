// For `mongodb`, which takes no stream but speaks SOCKS5: a proxy on loopback for this one client, with a password that
// nobody else on this machine knows.

import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import type { CallOptions } from '../dialer.js'
import type { Connection, DynamicForwardRequest, Forward } from '../index.js'
import { callOptionNames, checkNames } from '../option-check.js'

/** The options of a `MongoClient` that lead it through a connection. */
export interface MongodbProxyOptions {
  readonly proxyHost: string
  readonly proxyPort: number
  readonly proxyUsername: string
  readonly proxyPassword: string
}

export interface MongodbProxyRequest extends CallOptions {
  /** The servers that may be reached, as of a dynamic forward: `['*:27017']`. By default whatever the last hop reaches. */
  readonly permit?: DynamicForwardRequest['permit']
}

/** A SOCKS proxy that is listening for one program. It keeps the process alive until it is closed. */
export class MongodbProxy implements AsyncDisposable {
  /** For the client: `new MongoClient(url, { ...proxy.options })`. The password is a secret. */
  readonly options: MongodbProxyOptions
  readonly #forward: Forward

  constructor(forward: Forward, options: MongodbProxyOptions) {
    this.#forward = forward
    this.options = options
  }

  /** Ends the proxy and what it carries; close the client first. Never rejects. */
  close(): Promise<void> {
    return this.#forward.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  toJSON(): { readonly proxyHost: string; readonly proxyPort: number } {
    const { proxyHost, proxyPort } = this.options
    return { proxyHost, proxyPort }
  }

  [inspect.custom](): string {
    return `MongodbProxy(${this.options.proxyHost}:${this.options.proxyPort})`
  }
}

/**
 * A proxy for a `mongodb` MongoClient: each of its connections is a channel of the one SSH connection. The names of the
 * servers stay what they are, those that a replica set tells of too, and the last hop resolves them; but the driver
 * looks up `mongodb+srv:` itself, here. TLS is end to end. The driver needs the package `socks` for this.
 * Opens the connection, which is not closed with the proxy. `signal` ends the proxy, too.
 * Rejects as `forwardDynamic` does.
 *
 * @example new MongoClient('mongodb://db.internal', { ...proxy.options })
 */
export async function mongodbProxy(
  connection: Pick<Connection, 'forwardDynamic'>,
  request: MongodbProxyRequest = {},
): Promise<MongodbProxy> {
  checkNames(request, { ...callOptionNames, permit: true })
  const secret = (): string => randomBytes(24).toString('base64url')
  const auth = { user: secret(), password: secret() }
  const listen = { host: '127.0.0.1', port: 0 }
  const forward = await connection.forwardDynamic({ ...request, listen, auth })
  if ('path' in forward.address) throw new TypeError('a forward to a port has a path')
  const { host, port } = forward.address
  return new MongodbProxy(forward, {
    proxyHost: host,
    proxyPort: port,
    proxyUsername: auth.user,
    proxyPassword: auth.password,
  })
}
