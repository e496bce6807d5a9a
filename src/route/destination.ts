// `user@host:port`, `[v6]:port` and `ssh://` text: parsed, checked and printed. The border that every name crosses.

import { ConfigError } from '../errors.js'
import { printable } from '../printable.js'

/** What a person writes to name a host. */
export interface Destination {
  readonly user: string | undefined
  readonly host: string
  readonly port: number | undefined
}

/** Parses one destination. `origin` names where the text came from. Throws {@link ConfigError} INVALID_DESTINATION. */
export function parseDestination(text: string, origin: string): Destination {
  if (typeof text !== 'string' || text === '') throw bad(origin, 'no host given')
  return /^ssh:\/\//i.test(text) ? parseUri(text, origin) : parsePlain(text, origin)
}

// The user ends at the last @, so that user names may contain one (misc.c parse_user_host_port).
function parsePlain(text: string, origin: string): Destination {
  const at = text.lastIndexOf('@')
  const user = at < 0 ? undefined : text.slice(0, at)
  return checkDestination({ user, ...splitPort(text.slice(at + 1), origin) }, origin)
}

// RFC 3986 authority with draft-ietf-secsh-scp-sftp-ssh-uri's parameters ignored, as misc.c parse_uri does. A password
// is ignored too; so that none is ever shown, no message quotes what stands before the host.
function parseUri(text: string, origin: string): Destination {
  const rest = text.slice('ssh://'.length)
  const slash = rest.indexOf('/')
  if (slash >= 0 && slash !== rest.length - 1) throw bad(origin, 'an ssh:// address has no path')
  const authority = slash < 0 ? rest : rest.slice(0, slash)
  const at = authority.indexOf('@')
  if (at !== authority.lastIndexOf('@')) throw bad(origin, 'an @ before the host must be written as %40')
  const userInfo = at < 0 ? undefined : authority.slice(0, at)
  const user =
    userInfo === undefined ? undefined : decoded((userInfo.split(';')[0] ?? '').replace(/:.*$/s, ''), origin)
  return checkDestination({ user, ...splitPort(authority.slice(at + 1), origin) }, origin)
}

function decoded(text: string, origin: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw bad(origin, 'the user has a broken percent sequence')
  }
}

interface HostPort {
  readonly host: string
  readonly port: number | undefined
}

function splitPort(text: string, origin: string): HostPort {
  if (text.startsWith('[')) {
    const end = text.indexOf(']')
    const rest = text.slice(end + 1)
    if (end < 0 || (rest !== '' && !rest.startsWith(':')))
      throw bad(origin, `unbalanced brackets in ${quoted(text)}`)
    return { host: text.slice(1, end), port: rest === '' ? undefined : parsePort(rest.slice(1), origin) }
  }
  const colon = text.indexOf(':')
  // More than one colon without brackets is an IPv6 address and nothing else.
  if (colon < 0 || text.includes(':', colon + 1)) return { host: text, port: undefined }
  return { host: text.slice(0, colon), port: parsePort(text.slice(colon + 1), origin) }
}

function parsePort(text: string, origin: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port < 1 || port > 65_535) throw bad(origin, `the port must be from 1 to 65535, and is ${quoted(text)}`)
  return port
}

/** A frozen copy of what was read, once {@link checkUser} and {@link checkHost} have nothing against it. */
export function checkDestination({ user, host, port }: Destination, origin: string): Destination {
  if (user !== undefined) checkUser(user, origin)
  checkHost(host, origin)
  return Object.freeze({ user, host, port })
}

/**
 * Refuses host names that a shell, a child program or a terminal could misread (ssh.c valid_hostname, and more:
 * nothing beyond the characters of names, addresses and zones).
 */
export function checkHost(host: string, origin: string): void {
  if (host === '') throw bad(origin, 'the host is empty')
  if (host.length > 1024) throw bad(origin, 'the host is longer than 1024 characters')
  if (host.startsWith('-')) throw bad(origin, `a host must not begin with a dash: ${quoted(host)}`)
  if (/[\s'`"$\\;&<>|(){}@[\]/,#*?!]/.test(host) || hasControl(host)) {
    throw bad(origin, `the host has characters that are not allowed in a name: ${quoted(host)}`)
  }
  if (host.includes('%') && !/^[0-9a-f.]*:[0-9a-f:.]*%[\w.-]+$/i.test(host)) {
    throw bad(origin, `a percent sign may only begin the zone of an IPv6 address: ${quoted(host)}`)
  }
}

/** Refuses user names as ssh does from its command line (ssh.c valid_ruser of OpenSSH 10.6). */
export function checkUser(user: string, origin: string): void {
  if (user === '') throw bad(origin, 'the user is empty')
  if (user.startsWith('-')) throw bad(origin, `a user must not begin with a dash: ${quoted(user)}`)
  if (/['`"$;&<>|(){}\\]/.test(user) || /\s-/.test(user) || hasControl(user)) {
    throw bad(origin, `the user has characters that are not allowed in a name: ${quoted(user)}`)
  }
}

function hasControl(text: string): boolean {
  return /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.test(text)
}

/** `user@host:port`, with brackets around IPv6 addresses, without the parts that are undefined. */
export function formatDestination(destination: Destination): string {
  const { user, host, port } = destination
  const bare = host.includes(':') && port !== undefined ? `[${host}]` : host
  return `${user === undefined ? '' : `${user}@`}${bare}${port === undefined ? '' : `:${port}`}`
}

function quoted(text: string): string {
  return `"${printable(text, 100)}"`
}

function bad(origin: string, what: string): ConfigError {
  return new ConfigError('INVALID_DESTINATION', `${origin}: ${what}`, { origin, phase: 'resolve' })
}
