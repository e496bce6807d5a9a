// Where a secret goes is decided by those who know it: a file that nobody trusted may say where hosts are, but not for a
// host that others have a password or an agent for.

import type { Layer } from '../config/merge.js'
import type { SettingName } from '../config/settings.js'
import { ConfigError } from '../errors.js'
import type { Hop } from './route.js'

const address = ['hostName', 'port'] as const
const secrets = ['password', 'keyboardInteractive'] as const

/** Throws {@link ConfigError} EXEC_DENIED; `layers` are those that the hop's settings were merged from. */
export function checkAddressTrust(
  { host, settings, origins }: Pick<Hop, 'host' | 'settings' | 'origins'>,
  layers: readonly Layer[],
): void {
  const untrusted = layers.filter((layer) => layer.untrusted === true)
  const isFrom = (name: SettingName, layer: Layer) =>
    layer.values[name] !== undefined && origins[name].from === layer.originOf(name)
  const redirecting = address.find((name) => untrusted.some((layer) => isFrom(name, layer)))
  if (redirecting === undefined) return
  const isAtStake = (name: SettingName) => !untrusted.some((layer) => isFrom(name, layer))
  const secret =
    secrets.find((name) => settings[name] !== undefined && isAtStake(name)) ??
    (settings.forwardAgent === false ? undefined : 'forwardAgent')
  if (secret === undefined) return
  const origin = origins[redirecting].from
  const message = `would decide where ${host} is, for which there is a secret (${secret}: ${origins[secret].from})`
  throw new ConfigError('EXEC_DENIED', `${origin}: ${message}`, {
    origin,
    phase: 'resolve',
    hint: 'say the address where the secret is said, or trust the project file by allowExec',
    problems: [{ origin, message }],
  })
}
