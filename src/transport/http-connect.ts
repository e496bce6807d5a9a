// The client's side of HTTP CONNECT (RFC 9110 9.3.6), on a stream that leads to the proxy. The bytes that follow the head
// of the proxy's answer stay in the stream. Redirects are not followed.

import type { Duplex } from 'node:stream'
import { formatAddress } from '../dialer.js'
import { printable } from '../printable.js'
import { proxyFailed } from './proxy-error.js'
import { receive } from './receive.js'
import type { ProxyExchange } from './socks5.js'

const headLimitBytes = 16_384

/** Has the proxy connect to the target. Resolves when the stream leads there; rejects with `SallyportError`. */
export async function connectByHttp(stream: Duplex, exchange: ProxyExchange): Promise<void> {
  const { proxy, target, login } = exchange
  const where = formatAddress(target)
  if (/[^\x21-\x7e]/.test(where)) throw proxyFailed(proxy, `takes names of ASCII only, unlike ${target.name}`)
  const lines = [`CONNECT ${where} HTTP/1.1`, `Host: ${where}`]
  if (login !== undefined) {
    const basic = Buffer.from(`${login.user}:${login.password}`).toString('base64')
    lines.push(`Proxy-Authorization: Basic ${basic}`)
  }
  stream.write(`${lines.join('\r\n')}\r\n\r\n`)
  const { status, reason } = await finalAnswer(stream, exchange)
  if (status >= 200 && status < 300) return
  throw proxyFailed(proxy, `${meaningOf(status, exchange)} (HTTP status ${status}${reason})`, {
    ...(status === 407 && login === undefined
      ? { hint: 'give them by the options user and password' }
      : undefined),
  })
}

function meaningOf(status: number, { login, target }: ProxyExchange): string {
  // Some mix the two up.
  if (status === 407 || status === 401) {
    return login === undefined
      ? 'asks for a user and a password, and there are none'
      : 'did not accept the user and the password'
  }
  if (status >= 300 && status < 400) return 'redirects, which is not followed'
  if (status === 403 || status === 405) return `does not allow a connection to ${target.name}`
  return `could not connect to ${target.name}`
}

interface Answer {
  readonly status: number
  readonly reason: string
}

async function finalAnswer(stream: Duplex, { proxy, signal }: ProxyExchange): Promise<Answer> {
  let left = headLimitBytes
  for (;;) {
    const head = await receive(stream, headOf(stream, left), signal)
    if (head === 'too long') throw proxyFailed(proxy, `answered with a head of over ${headLimitBytes} bytes`)
    left -= head.length
    const [, number, reason = ''] = /^HTTP\/1\.[01] (\d{3})(?:[ \t]([^\r\n]*))?\r?\n/.exec(head) ?? []
    if (number === undefined) throw proxyFailed(proxy, `does not speak HTTP: ${printable(head, 100)}`)
    const status = Number(number)
    const shown = printable(reason, 100)
    if (status >= 200) return { status, reason: shown === '' ? '' : `, ${shown}` }
  }
}

/**
 * Takes the head, with the empty line that ends it, and puts back what follows. Whatever cannot begin one is given as it
 * is.
 */
function headOf(stream: Duplex, limit: number): () => string | 'too long' | undefined {
  let bytes = Buffer.alloc(0)
  return () => {
    const more = stream.read() as Buffer | null
    if (more === null) return undefined
    bytes = Buffer.concat([bytes, more])
    const text = bytes.subarray(0, limit).toString('latin1')
    const end = /\r?\n\r?\n/.exec(text)
    if (end !== null) {
      const length = end.index + end[0].length
      if (length < bytes.length) stream.unshift(bytes.subarray(length))
      return text.slice(0, length)
    }
    if (!'HTTP/1.'.startsWith(text.slice(0, 7))) return text
    return bytes.length >= limit ? 'too long' : undefined
  }
}
