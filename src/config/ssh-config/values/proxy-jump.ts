// ProxyJump: hosts to jump through. Checked as ssh does, and the last of them normalised, as ssh -G prints it; the hops
// before it stay as they are. What the hops mean is for the route.

import { printable } from '../../../printable.js'
import { type Arguments, Unacceptable } from '../keyword.js'
import { isDomain } from './domain.js'
import { findPort } from './number.js'

interface Hop {
  readonly user: string | undefined
  readonly host: string
  readonly port: number | undefined
}

/** The one word of ProxyJump: `none` in small letters, or the hops. */
export function proxyJump({ rest }: Arguments): readonly string[] {
  const text = rest.replace(/^[ \t\r\n=]+/, '')
  if (text.toLowerCase() === 'none') return ['none']
  // A comment ends it, and so does a blank.
  const list = /^.?[^#\s]*/.exec(text.replace(/#.*/, ''))?.[0] ?? ''
  const hops = list.split(',')
  const parsed = hops.map(parseHop)
  const last = parsed.at(-1)
  if (last === undefined || parsed.includes(undefined)) {
    throw new Unacceptable(`invalid ProxyJump "${printable(text)}"`)
  }
  return [[...hops.slice(0, -1), hopText(last)].join(',')]
}

function parseHop(text: string): Hop | undefined {
  return text.startsWith('ssh://') ? parseUri(text.slice('ssh://'.length)) : parsePlain(text)
}

function parsePlain(text: string): Hop | undefined {
  const at = text.lastIndexOf('@')
  if (at === 0) return undefined
  const host = parseHost(text.slice(at + 1))
  return host && { ...host, user: at < 0 ? undefined : text.slice(0, at) }
}

function parseUri(text: string): Hop | undefined {
  const at = text.indexOf('@')
  const [info = ''] = text.slice(0, Math.max(at, 0)).split(';')
  const user = at < 0 ? undefined : urlDecoded(info)
  if (at >= 0 && (user === undefined || user === '')) return undefined
  // A slash may end it, but not after a colon; a path must not follow.
  const address = text.slice(at + 1)
  const host = address.endsWith(':/') ? undefined : parseHost(address.replace(/\/$/, ''))
  if (host === undefined || !isDomain(host.host)) return undefined
  return { ...host, host: host.host.replace(/\.$/, ''), user }
}

/** `host`, `host:port`, `[v6]`, `[v6]:port`; a colon without a port counts as none. */
function parseHost(text: string): Omit<Hop, 'user'> | undefined {
  const [, name, portText] = /^(\[[^\]]*\]|[^:/[][^:/]*)(?::(.*))?$/s.exec(text) ?? []
  if (name === undefined) return undefined
  const host = name.startsWith('[') ? name.slice(1, -1) : name
  if (portText === undefined || portText === '') return { host, port: undefined }
  const port = findPort(portText)
  return port === undefined || port === 0 ? undefined : { host, port }
}

function urlDecoded(text: string): string | undefined {
  if (/%(?![0-9a-f]{2})|%00/i.test(text)) return undefined
  const bytes = Buffer.from(
    text
      .replaceAll('+', ' ')
      .split(/(%[0-9a-f]{2})/i)
      .map((part) => (part.startsWith('%') ? part.slice(1) : Buffer.from(part).toString('hex')))
      .join(''),
    'hex',
  )
  return bytes.toString()
}

function hopText({ user, host, port }: Hop): string {
  const isNumeric = host.includes(':') || /^[0-9.]*$/.test(host)
  const name = isNumeric ? `[${host}]` : host
  return `${user === undefined ? '' : `${user}@`}${name}${port === undefined ? '' : `:${port}`}`
}
