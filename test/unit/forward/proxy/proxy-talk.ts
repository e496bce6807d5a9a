// The words of a client of a proxy and of the proxy, in bytes, for tables of them.

import { readProxyAuth } from '../../../../src/forward/proxy/proxy-auth.js'
import { Conversation, type Heard, type ProxyRequest } from '../../../../src/forward/proxy/proxy-dialogue.js'
import { proxyRequest } from '../../../../src/forward/proxy/proxy-request.js'

const auth = { user: 'ann', password: 'correct horse' }
const login = readProxyAuth(auth)

/** Bytes from numbers and texts. */
export function bytes(...parts: readonly (number | string)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.of(part))),
  )
}

export interface Told {
  readonly reply: Buffer
  readonly outcome: Heard<ProxyRequest>['outcome']
}

/** What comes of pieces, as long as there is no outcome. What is left of them then is added to the rest. */
export function tell(pieces: readonly Buffer[], { asksForLogin = false } = {}): Told {
  const conversation = new Conversation(proxyRequest(asksForLogin ? login : undefined))
  const replies: Buffer[] = []
  for (const [index, piece] of pieces.entries()) {
    const { reply, outcome } = conversation.hear(piece)
    replies.push(reply)
    if (outcome === undefined) continue
    const late = pieces.slice(index + 1)
    return {
      reply: Buffer.concat(replies),
      outcome: 'rest' in outcome ? { ...outcome, rest: Buffer.concat([outcome.rest, ...late]) } : outcome,
    }
  }
  return { reply: Buffer.concat(replies), outcome: undefined }
}

export const socks4Refused = bytes(0, 91, 0, 0, 0, 0, 0, 0)

/** The field of a login by HTTP. */
export const basic = (text: string) =>
  `Proxy-Authorization: Basic ${Buffer.from(text).toString('base64')}\r\n`

/** A request by SOCKS 5 to a type of address, its bytes, and a port. */
export const socks5 = (host: readonly (number | string)[], port = [0, 80]) =>
  bytes(5, 1, 0, 5, 1, 0, ...host, ...port)
