// What a socket says of the other side: what was asked for. The address of a name is known only to the host that
// resolved it.

import { isIP } from 'node:net'
import type { Address } from '../dialer.js'

/** As of `remoteAddress`, `remotePort` and `remoteFamily` of net.Socket; nothing for a unix socket. */
export interface Peer {
  readonly host?: string
  readonly port?: number
  /** Only of a numeric address. */
  readonly family?: 'IPv4' | 'IPv6'
}

export function peerOf(address: Address | undefined): Peer {
  if (address === undefined || 'path' in address) return {}
  const { host, port } = address
  const version = isIP(host)
  return version === 0 ? { host, port } : { host, port, family: version === 4 ? 'IPv4' : 'IPv6' }
}
