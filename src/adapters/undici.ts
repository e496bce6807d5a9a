// For `undici`, and for the global fetch by its option `dispatcher`: opens the streams, with TLS inside for https.
// Pools, keep-alive and HTTP stay the driver's.

import { isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket, type ConnectionOptions as TlsOptions } from 'node:tls'
import { checkDuration, checkNames } from '../option-check.js'
import type { OpensSockets } from './opens-sockets.js'
import { tieToStream } from './tie-to-stream.js'
import { untilOpen } from './until-open.js'

/** What the driver tells of the stream that it needs. */
export interface UndiciOrigin {
  readonly hostname: string
  readonly protocol: string
  /** Empty for the protocol's own. */
  readonly port: string
  /** The name for the certificate, where a request gave one. */
  readonly servername?: string | null | undefined
  /** The path of a unix socket on the last hop. */
  readonly socketPath?: string | null | undefined
  readonly allowH2?: boolean | undefined
}

/** Takes the stream when it is ready for HTTP, or the error. */
export type UndiciReady = (...outcome: [error: null, socket: Socket] | [error: Error, socket: null]) => void

export interface UndiciConnectOptions {
  /** For https: the CA, a client certificate, a name; as of `tls.connect()`. */
  readonly tls?: TlsOptions | undefined
  /** Milliseconds until a stream is ready for HTTP, gateways and TLS included. Default 30000. */
  readonly timeoutMs?: number | undefined
}

/**
 * The option `connect` of an `undici` Agent, Pool or Client: each of its connections is a channel of the one SSH
 * connection. Origins stay what they are, and the last hop resolves their names. TLS (https) is end to end, its
 * certificate is checked for the name in the origin, and its sessions are used again for the same name and port.
 * HTTP/2 as the driver's `allowH2` says. The connection is not closed with the dispatcher.
 * Throws a `TypeError` for an option that cannot be used.
 *
 * @example new Agent({ connect: undiciConnect(connection, { tls: { ca } }) })
 */
export function undiciConnect(
  connection: OpensSockets,
  options: UndiciConnectOptions = {},
): (origin: UndiciOrigin, ready: UndiciReady) => void {
  checkNames(options, { tls: true, timeoutMs: true })
  checkDuration('timeoutMs', options.timeoutMs)
  const { tls = {}, timeoutMs = 30_000 } = options
  const sessions = new Map<string, Buffer>()
  return (origin, ready) => {
    const { hostname: host, socketPath } = origin
    const isSecure = origin.protocol === 'https:'
    const port = Number(origin.port) || (isSecure ? 443 : 80)
    const plain = connection.socket(socketPath ? { path: socketPath } : { host, port }, { timeoutMs })
    const secure = isSecure ? secured(plain, { ...origin, port }, { tls, sessions }) : undefined
    untilOpen(plain, secure && { tls: secure, timeoutMs }).then(
      () => ready(null, secure ?? plain),
      (error: Error) => ready(error, null),
    )
  }
}

const maxSessions = 100

/** TLS on a stream. Its session is kept for the next one to the same name and port: Node gives verified ones only. */
function secured(
  plain: Socket,
  origin: Omit<UndiciOrigin, 'port'> & { readonly port: number },
  { tls, sessions }: { readonly tls: TlsOptions; readonly sessions: Map<string, Buffer> },
): TLSSocket {
  const { hostname: host, port, allowH2 = false } = origin
  const servername = origin.servername || tls.servername || (isIP(host) === 0 ? host : '')
  const key = `${servername} ${host} ${port} ${origin.socketPath ?? ''}`
  const session = tls.session ?? sessions.get(key)
  const socket = connectTls({
    ALPNProtocols: allowH2 ? ['h2', 'http/1.1'] : ['http/1.1'],
    ...tls,
    ...(session && { session }),
    host,
    port,
    servername,
    socket: plain,
  })
  socket.on('session', (fresh) => {
    sessions.delete(key)
    const [oldest] = sessions.keys()
    if (sessions.size >= maxSessions && oldest !== undefined) sessions.delete(oldest)
    sessions.set(key, fresh)
  })
  let isSecure = false
  socket.once('secureConnect', () => {
    isSecure = true
  })
  socket.once('close', () => {
    if (!isSecure) sessions.delete(key) // perhaps because of it
  })
  return tieToStream(socket, plain)
}
