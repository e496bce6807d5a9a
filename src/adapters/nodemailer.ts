// For `nodemailer`, which asks for an open stream to the server that its transport names.

import type { Socket } from 'node:net'
import type { OpensSockets } from './opens-sockets.js'
import { untilOpen } from './until-open.js'

/** What the driver tells of the server. */
export interface NodemailerServer {
  readonly host?: string | undefined
  readonly port?: number | string | undefined
  /** TLS from the first byte. */
  readonly secure?: boolean | undefined
  /** Milliseconds until the stream is open. Default 120000. */
  readonly connectionTimeout?: number | undefined
}

/** Takes the open stream, or the error. */
export type NodemailerOpened = (
  error: Error | null,
  socket?: { readonly connection: Socket; readonly [other: string]: unknown },
) => void

/**
 * The option `getSocket` of a `nodemailer` SMTP transport, pooled or not: each of its connections is a channel of the
 * one SSH connection. `host`, `port` and `connectionTimeout` stay what they are, and the last hop resolves the name.
 * TLS (STARTTLS, or `secure`) is end to end, and its certificate is checked for `host`.
 * The connection is not closed with the transport.
 *
 * @example createTransport({ host: 'mail.internal', port: 587, getSocket: nodemailerGetSocket(connection) })
 */
export function nodemailerGetSocket(
  connection: OpensSockets,
): (server: NodemailerServer, opened: NodemailerOpened) => void {
  return ({ host, port, secure = false, connectionTimeout }, opened) => {
    const timeoutMs = connectionTimeout || 120_000
    const address = { host: host || 'localhost', port: Number(port) || (secure ? 465 : 587) }
    const socket = connection.socket(address, { timeoutMs })
    untilOpen(socket).then(
      () => opened(null, { connection: socket }),
      (error: Error) => opened(error),
    )
  }
}
