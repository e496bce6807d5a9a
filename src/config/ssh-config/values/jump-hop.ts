// One host of a ProxyJump, as ssh reads it: the only reader of such words, for the keyword and for the option. Which of
// them may be connected to is for the route. Pure.

import { isDomain } from './domain.js'
import { findPort } from './number.js'

/** A host to jump through, as it was written. */
export interface JumpHop {
  readonly user: string | undefined
  readonly host: string
  readonly port: number | undefined
}

/** Reads one hop, `user@host:port` or `ssh://user@host:port`, as ssh does; undefined for what is none. */
export function findHop(text: string): JumpHop | undefined {
  return text.startsWith('ssh://') ? parseUri(text.slice('ssh://'.length)) : parsePlain(text)
}

function parsePlain(text: string): JumpHop | undefined {
  const at = text.lastIndexOf('@')
  if (at === 0) return undefined
  const host = parseHost(text.slice(at + 1))
  return host && { ...host, user: at < 0 ? undefined : text.slice(0, at) }
}

function parseUri(text: string): JumpHop | undefined {
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
function parseHost(text: string): Omit<JumpHop, 'user'> | undefined {
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
