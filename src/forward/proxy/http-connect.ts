// HTTP CONNECT as a server hears it (RFC 9110 9.3.6, RFC 9112), with Basic (RFC 7617) where a login is asked for. It is
// stricter than web servers are: what is not exactly a request is refused, and no other method is served.

import type { LoginCheck } from './proxy-auth.js'
import { findDestination } from './proxy-destination.js'
import { type Dialogue, nothing, type ProxyFailure, Refusal } from './proxy-dialogue.js'

const maxHeadBytes = 16_384
const maxFields = 100
const endOfHead = Buffer.from('\r\n\r\n')
const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) ([!-~]+) HTTP\/1\.[01]$/
const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*?)[ \t]*$/

const statuses: Readonly<Record<ProxyFailure, string>> = {
  failed: '502 Bad Gateway',
  'not permitted': '403 Forbidden',
  'network unreachable': '502 Bad Gateway',
  'host unreachable': '502 Bad Gateway',
  'connection refused': '502 Bad Gateway',
  'timed out': '504 Gateway Timeout',
}

/** `start` is the first byte of the head, which has at most 16 KiB and 100 fields. Clients log in when there is a `login`. */
export function* httpConnect(start: Buffer, login: LoginCheck | undefined): Dialogue {
  const rest = yield {
    readThrough: endOfHead,
    limit: maxHeadBytes - start.length,
    tooLong: new Refusal(
      'sent an HTTP head of more than 16 KiB',
      answer('431 Request Header Fields Too Large', 'the request is too large'),
    ),
  }
  const [first = '', ...lines] =
    `${start.toString('latin1')}${rest.toString('latin1', 0, rest.length - 4)}`.split('\r\n')
  const [, method, target = ''] = requestLine.exec(first) ?? []
  if (method === undefined) throw malformed('request line')
  if (lines.length > maxFields) throw malformed('number of fields')
  const fields = lines.map(readField)
  if (method !== 'CONNECT') {
    throw new Refusal(
      'asked by HTTP for another method than CONNECT',
      answer('405 Method Not Allowed', 'this proxy opens tunnels by CONNECT, and serves no other method', [
        'Allow: CONNECT',
      ]),
    )
  }
  if (login !== undefined) checkLogin(fields, login)
  const to = readTarget(target)
  return {
    protocol: 'HTTP',
    to,
    granted: Buffer.from('HTTP/1.1 200 Connection Established\r\n\r\n'),
    refused: (failure) => answer(statuses[failure], `no connection to the destination: ${failure}`),
  }
}

interface Field {
  readonly name: string
  readonly value: string
}

function readField(line: string): Field {
  const [, name, value = ''] = field.exec(line) ?? []
  if (name === undefined) throw malformed('field')
  return { name: name.toLowerCase(), value }
}

function readTarget(target: string) {
  const [, host = '', port = ''] = /^(\[[^[\]]+\]|[^:[\]]+):(\d{1,5})$/.exec(target) ?? []
  const to = findDestination(host, Number(port))
  if (to === undefined) throw malformed('destination')
  return to
}

function checkLogin(fields: readonly Field[], login: LoginCheck): void {
  const sent = fields.filter(({ name }) => name === 'proxy-authorization')
  if (sent.length > 1) throw malformed('number of logins')
  const [, encoded = ''] = /^basic +([a-z0-9+/]+={0,2})$/i.exec(sent[0]?.value ?? '') ?? []
  const decoded = Buffer.from(encoded, 'base64')
  const colon = decoded.indexOf(':')
  const [user, password] =
    colon < 0 ? [nothing, nothing] : [decoded.subarray(0, colon), decoded.subarray(colon + 1)]
  if (login(user, password)) return
  throw new Refusal(
    sent.length === 0 ? 'does not log in' : 'sent a wrong user or password',
    answer('407 Proxy Authentication Required', 'this proxy asks for a user and a password', [
      'Proxy-Authenticate: Basic realm="proxy", charset="UTF-8"',
    ]),
  )
}

function malformed(what: string): Refusal {
  return new Refusal(
    `sent an HTTP request with a malformed ${what}`,
    answer('400 Bad Request', `the request has a malformed ${what}`),
  )
}

function answer(status: string, text: string, fields: readonly string[] = []): Buffer {
  const body = `${text}\n`
  const head = [
    `HTTP/1.1 ${status}`,
    ...fields,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}
