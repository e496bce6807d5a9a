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

/** One line for each weak choice: the host, where the choice was made, and what it means. */
export function weakChoices({ host, settings, origins }: Hop): readonly string[] {
  const told: string[] = []
  const tell = (name: SettingName, what: string) => told.push(`${host}: ${what} (${origins[name].from})`)
  if (settings.strictHostKeyChecking === 'no') tell('strictHostKeyChecking', 'any host key is accepted')
  if (settings.strictHostKeyChecking === 'accept-new') {
    tell('strictHostKeyChecking', 'an unknown host key is accepted at the first connection')
  }
  if (settings.forwardAgent !== false) {
    tell('forwardAgent', 'whoever rules this host can use your agent while you are connected')
  }
  if (settings.noHostAuthenticationForLocalhost) {
    tell(
      'noHostAuthenticationForLocalhost',
      'any host key is accepted from an address of the loopback network',
    )
  }
  for (const name of algorithmSettings) {
    const weak = settings[name]?.filter(isWeak) ?? []
    if (weak.length > 0) tell(name, `weak algorithms are allowed: ${weak.join(', ')}`)
  }
  return told
}

function isWeak(algorithm: string): boolean {
  return /cbc|3des|arcfour|blowfish|cast128|md5|hmac-sha1|umac-64|group1-|group14-sha1|group-exchange-sha1|^ssh-rsa$|^ssh-dss$/.test(
    algorithm,
  )
}
