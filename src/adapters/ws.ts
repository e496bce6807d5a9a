// For `ws`, which asks an agent for its one stream: the kind of agent that its URL needs.

import type { Agent } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import { type HttpsAgentOptions, httpAgent, httpsAgent } from './http.js'
import type { OpensSockets } from './opens-sockets.js'

/**
 * The option `agent` of a `ws` WebSocket with this URL: its stream is a channel of the SSH connection. The last hop
 * resolves the name; the path of `ws+unix:` is a unix socket there. TLS (`wss:`) is end to end, by the `options`, and
 * its certificate is checked for the name in the URL. A redirect to the other kind of URL fails.
 * The connection is not closed with the WebSocket. Throws a `TypeError` for a URL or option that cannot be used.
 *
 * @example new WebSocket(url, { agent: wsAgent(connection, url) })
 */
export function wsAgent(
  connection: OpensSockets,
  url: string | URL,
  options: HttpsAgentOptions = {},
): Agent | HttpsAgent {
  const { protocol } = new URL(url)
  const isSecure = protocol === 'wss:' || protocol === 'https:'
  // A server that refuses the upgrade would leave a stream to be kept alive.
  const once = { ...options, keepAlive: false }
  return isSecure ? httpsAgent(connection, once) : httpAgent(connection, once)
}
