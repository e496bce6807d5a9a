// For node:http and node:https, and for what takes their agents (axios, got, node-fetch, the SDKs of clouds): agents
// whose streams go through a connection.

import { type AgentOptions, type ClientRequestArgs, Agent as HttpAgent } from 'node:http'
import {
  Agent as HttpsAgent,
  type AgentOptions as HttpsOptions,
  type RequestOptions as HttpsRequest,
} from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { checkDuration } from '../option-check.js'
import type { OpensSockets } from './opens-sockets.js'
import { tieToStream } from './tie-to-stream.js'

interface OpeningOptions {
  /** Milliseconds to open a stream, gateways included; by default only the limits of the single phases apply. */
  readonly timeoutMs?: number | undefined
}

/** Those of Node's own agent; `keepAlive` is on by default. What concerns local addresses has no meaning. */
export type HttpAgentOptions = AgentOptions & OpeningOptions

/** Those of Node's own agent; `keepAlive` is on by default. What concerns local addresses has no meaning. */
export type HttpsAgentOptions = HttpsOptions & OpeningOptions

type Opened = (error: Error | null, stream: Duplex) => void

/**
 * The option `agent` of `http.request()`: each of its connections is a channel of the one SSH connection, kept alive
 * between requests. The host of a request stays what it is, and the last hop resolves the name; `socketPath` is a unix
 * socket there. `timeout` is the idle time after which a request has its event of that name.
 * The agent's `destroy()` ends its streams; the connection is not closed by it.
 * Throws a `TypeError` for a `timeoutMs` that cannot be used.
 */
export function httpAgent(connection: OpensSockets, options: HttpAgentOptions = {}): HttpAgent {
  return new PlainAgent(connection, options)
}

/**
 * The option `agent` of `https.request()`: as {@link httpAgent}, with TLS end to end. The certificate is checked for
 * the host of the request, and TLS sessions are used again, as by Node's own agent.
 */
export function httpsAgent(connection: OpensSockets, options: HttpsAgentOptions = {}): HttpsAgent {
  return new SecureAgent(connection, options)
}

class PlainAgent extends HttpAgent {
  readonly #open: (request: ClientRequestArgs) => Socket

  constructor(connection: OpensSockets, { timeoutMs, ...options }: HttpAgentOptions) {
    super({ keepAlive: true, ...options })
    this.#open = opener(connection, timeoutMs)
  }

  override createConnection(request: ClientRequestArgs): Socket {
    return withIdleTime(this.#open(request), request)
  }
}

class SecureAgent extends HttpsAgent {
  readonly #open: (request: ClientRequestArgs) => Socket

  constructor(connection: OpensSockets, { timeoutMs, ...options }: HttpsAgentOptions) {
    super({ keepAlive: true, ...options })
    this.#open = opener(connection, timeoutMs)
  }

  override createConnection(request: HttpsRequest, opened?: Opened): Duplex | null | undefined {
    const plain = this.#open(request)
    const inside = { ...request, socket: plain } as HttpsRequest
    const secure = super.createConnection(inside, opened) as Socket
    return withIdleTime(tieToStream(secure, plain), request)
  }
}

function opener(
  connection: OpensSockets,
  timeoutMs: number | undefined,
): (request: ClientRequestArgs) => Socket {
  checkDuration('timeoutMs', timeoutMs)
  return ({ socketPath, host, port, defaultPort }) =>
    connection.socket(
      socketPath
        ? { path: socketPath }
        : { host: host ?? 'localhost', port: Number(port ?? defaultPort ?? 80) },
      timeoutMs === undefined ? {} : { timeoutMs },
    )
}

/** What net.connect() does for an agent with its option `timeout`. */
function withIdleTime(socket: Socket, { timeout }: ClientRequestArgs): Socket {
  return timeout ? socket.setTimeout(timeout) : socket
}
