// The destination that a client of a proxy names: what may be one, in which one form, without looking anything up.

import { isIPv6, SocketAddress } from 'node:net'

/** A host, by name or by address, and a TCP port. */
export interface Destination {
  readonly host: string
  readonly port: number
}

const maxNameLength = 255

/**
 * The destination, or `undefined` for what cannot be one: a port of 0, a name that is empty, over 255 characters long
 * or has other characters than letters, digits, `.`, `-` and `_`. IPv6 addresses may stand in brackets; they are given
 * in the one form of RFC 5952, so that they can be compared. Names keep their case.
 */
export function findDestination(text: string, port: number): Destination | undefined {
  if (!(Number.isInteger(port) && port >= 1 && port <= 65_535)) return undefined
  const isInBrackets = text.startsWith('[') && text.endsWith(']')
  const host = isInBrackets ? text.slice(1, -1) : text
  if (host.length > maxNameLength) return undefined
  if (isIPv6(host)) return { host: canonicalIPv6(host), port }
  // A name that begins with a dash would be an option to somebody.
  return !isInBrackets && /^[a-z0-9_][a-z0-9_.-]*$/i.test(host) ? { host, port } : undefined
}

/** An IPv4 address of four bytes, or an IPv6 address of sixteen, as text. */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16))
  return canonicalIPv6(groups.join(':'))
}

function canonicalIPv6(text: string): string {
  const [address = '', zone] = text.split('%')
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address
  return zone === undefined ? canonical : `${canonical}%${zone}`
}
