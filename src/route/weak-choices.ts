// What a person should know of the choices for one hop: those that make it weaker than it needs to be.

import type { SettingName } from '../config/settings.js'
import type { Hop } from './route.js'

const algorithmSettings = [
  'ciphers',
  'macs',
  'kexAlgorithms',
  'hostKeyAlgorithms',
  'pubkeyAcceptedAlgorithms',
] as const

/** One line for each choice by which a host key is not verified: to be told wherever such a hop is used. */
export function unverified(hop: Hop): readonly string[] {
  const { strictHostKeyChecking, noHostAuthenticationForLocalhost } = hop.settings
  const fromLoopback = 'any host key is accepted from an address of the loopback network'
  return [
    ...(strictHostKeyChecking === 'no'
      ? [line(hop, 'strictHostKeyChecking', 'any host key is accepted')]
      : []),
    ...(noHostAuthenticationForLocalhost
      ? [line(hop, 'noHostAuthenticationForLocalhost', fromLoopback)]
      : []),
  ]
}

/** One line for each other weak choice, for those who look at the route. */
export function weakChoices(hop: Hop): readonly string[] {
  const { settings } = hop
  const told: string[] = []
  const tell = (name: SettingName, what: string) => told.push(line(hop, name, what))
  if (settings.strictHostKeyChecking === 'accept-new') {
    tell('strictHostKeyChecking', 'an unknown host key is accepted at the first connection')
  }
  if (settings.forwardAgent !== false) {
    tell('forwardAgent', 'whoever rules this host can use your agent while you are connected')
  }
  for (const name of algorithmSettings) {
    const weak = settings[name]?.filter(isWeak) ?? []
    if (weak.length > 0) tell(name, `weak algorithms are allowed: ${weak.join(', ')}`)
  }
  return [...told, ...exposedLogins(hop)]
}

// SOCKS5 has no other way to say a password (RFC 1929), and HTTP none that is of use without TLS.
function exposedLogins({ host, link, linkOrigin }: Hop): readonly string[] {
  if (link.kind !== 'proxy') return []
  return link.proxies
    .filter((proxy) => proxy.credentials !== undefined && proxy.protocol !== 'https')
    .filter((proxy) => !/^(?:127\..*|::1|localhost)$/i.test(proxy.host))
    .map(
      ({ url }) => `${host}: the password for the proxy ${url} goes there unencrypted (${linkOrigin.from})`,
    )
}

function line({ host, origins }: Hop, name: SettingName, what: string): string {
  return `${host}: ${what} (${origins[name].from})`
}

function isWeak(algorithm: string): boolean {
  return /cbc|3des|arcfour|blowfish|cast128|md5|group1-|group14-sha1|group-exchange-sha1|^ssh-rsa$|^ssh-dss$/.test(
    algorithm,
  )
}
