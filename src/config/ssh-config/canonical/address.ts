// Host names that are addresses, in the one form that inet_ntop(3) gives them.

import { isIPv4, isIPv6, SocketAddress } from 'node:net'

/** Whether a name can only be an address and no host name, well formed or not (ssh.c is_addr_fast). */
export function looksLikeAddress(name: string): boolean {
  return name.includes('%') || name.includes(':') || /^[0-9.]*$/.test(name)
}

/**
 * The address in its canonical form, undefined for what is none: `127.1` is `127.0.0.1`, `0::1` is `::1`. The zone of an
 * address is left as it is.
 */
export function findAddress(name: string): string | undefined {
  const zoneAt = name.indexOf('%')
  const address = zoneAt < 0 ? name : name.slice(0, zoneAt)
  const zone = name.slice(address.length)
  if (isIPv6(address)) return `${new SocketAddress({ address, family: 'ipv6' }).address}${zone}`
  return zone === '' ? findIPv4(name) : undefined
}

// inet_aton(3) takes fewer parts than four, and octal and hexadecimal ones; the URL standard does it likewise.
function findIPv4(name: string): string | undefined {
  if (!/^(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+)){0,3}$/i.test(name)) return undefined
  const url = `http://${name}/`
  const host = URL.canParse(url) ? new URL(url).hostname : ''
  return isIPv4(host) ? host : undefined
}
