// Which algorithms a hop is offered: those of its settings, as far as the engine has them.

import { ConfigError } from '../errors.js'
import type { HostKeyAlgorithms } from '../hostkeys/algorithms.js'
import { printable } from '../printable.js'
import type { Hop } from '../route/route.js'
import { wire } from '../wire/ssh2-wire.js'
import type { AlgorithmLists } from '../wire/wire.js'

/** The settings with algorithms, by the engine's lists. Only the engine knows what it supports. */
const settingOf = {
  kex: 'kexAlgorithms',
  hostKey: 'hostKeyAlgorithms',
  cipher: 'ciphers',
  mac: 'macs',
  userKey: 'pubkeyAcceptedAlgorithms',
} as const

type ListName = keyof typeof settingOf

/**
 * The algorithms of a hop's settings. A list of ssh_config is meant for OpenSSH: what the engine lacks of it is left out,
 * and told to `onLeftOut`, as long as something remains. Throws {@link ConfigError} UNSUPPORTED_OPTION for a list of
 * which nothing remains, and for any other list that names what the engine lacks.
 */
export function supportedAlgorithms(hop: Hop, onLeftOut: (message: string) => void): AlgorithmLists {
  const supported = (list: ListName): readonly string[] | undefined => {
    const name = settingOf[list]
    const given = hop.settings[name]
    const unsupported = wire.unsupportedAlgorithms({ [list]: given })
    if (given === undefined || unsupported.length === 0) return given
    const { from: origin } = hop.origins[name]
    const remaining = given.filter((algorithm) => !unsupported.includes(algorithm))
    const named = printable(unsupported.join(', '), 1000)
    if (remaining.length === 0 || !isFromSshConfig(hop, name)) {
      const what = `${hop.host}: algorithms that are not supported: ${named}`
      throw new ConfigError('UNSUPPORTED_OPTION', `${origin}: ${what}`, { origin, phase: 'resolve' })
    }
    onLeftOut(`${origin}: of ${name}, these are not supported and left out: ${named}`)
    return remaining
  }
  return {
    kex: supported('kex'),
    hostKey: supported('hostKey'),
    cipher: supported('cipher'),
    mac: supported('mac'),
    userKey: supported('userKey'),
    compression: hop.settings.compression ? ['zlib@openssh.com', 'zlib', 'none'] : undefined,
  }
}

/** The host key algorithms among `lists`, for those who judge host keys. */
export function hostKeyAlgorithms(hop: Hop, { hostKey }: AlgorithmLists): HostKeyAlgorithms | undefined {
  if (hostKey === undefined) return undefined
  const { parts } = hop.origins.hostKeyAlgorithms
  return { names: hostKey, isOrdered: !parts.some(({ isOwnListChanged }) => isOwnListChanged === true) }
}

function isFromSshConfig({ origins }: Hop, name: (typeof settingOf)[ListName]): boolean {
  return origins[name].parts.some(({ source }) => source === 'ssh_config')
}
