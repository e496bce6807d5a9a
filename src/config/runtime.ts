// The options of a program, as the layer of highest precedence: checked, never changed.

import { ConfigError } from '../errors.js'
import type { Layer } from './merge.js'
import { type SettingName, type Settings, settingNames, settingsTable } from './settings.js'

/** Settings as a program gives them: all optional. */
export type SettingOptions = { readonly [K in SettingName]?: Settings[K] | undefined }

/**
 * Checks the settings among `options` and makes a layer of them. Other properties than settings and those in
 * `alsoAllowed` are refused, so that a misspelt option is no silent one. Throws {@link ConfigError} INVALID_OPTION.
 */
export function runtimeLayer(options: object, alsoAllowed: readonly string[], originOf: OptionOrigin): Layer {
  const known = new Set<string>([...settingNames, ...alsoAllowed])
  for (const name of Object.keys(options)) {
    if (!known.has(name)) {
      throw new ConfigError('INVALID_OPTION', `there is no option ${JSON.stringify(name)}`, {
        phase: 'resolve',
      })
    }
  }
  const given = { __proto__: null, ...options } as unknown as Record<SettingName, unknown>
  const values: Record<string, unknown> = {}
  for (const name of settingNames) {
    if (given[name] === undefined) continue
    values[name] = settingsTable[name].kind.check(given[name], originOf(name))
  }
  return { source: 'runtime', values: values as Partial<Settings>, originOf }
}

/** Names an option as its user wrote it: `option port` for a program, `-p` for a command line. */
export type OptionOrigin = (name: string) => string

/** The origin of a program's own options. */
export const programOrigin: OptionOrigin = (name) => `option ${name}`

/** What belongs to one host or one account: as a default for every hop it would be given to machines it is not for. */
const settingsOfOneHost: ReadonlySet<SettingName> = new Set([
  'user',
  'port',
  'hostName',
  'hostKeyAlias',
  'hostKeyFingerprints',
  'identityFile',
  'forwardAgent',
  'localForward',
  'remoteForward',
  'dynamicForward',
])

/**
 * Makes the layer of a program's own defaults, which concern every hop. Secrets and settings of one host are refused,
 * and so is what would accept the host keys of all hops. Throws {@link ConfigError} INVALID_OPTION.
 */
export function defaultsLayer(defaults: SettingOptions): Layer {
  const optionOf: OptionOrigin = (name) => `option defaults.${name}`
  const layer = runtimeLayer(defaults, [], optionOf)
  for (const name of settingNames) {
    if (layer.values[name] === undefined) continue
    if (settingsTable[name].secret === true || settingsOfOneHost.has(name)) {
      throw noDefault(optionOf(name), 'belongs to one host, and is no default')
    }
  }
  // There is no switch for all hops: whoever holds a gateway could pretend to be every host behind it.
  const { strictHostKeyChecking, verifyHostKey } = layer.values
  const decidesForAll = 'would decide about the host keys of all hops, and is no default'
  if (strictHostKeyChecking === 'no') throw noDefault(optionOf('strictHostKeyChecking'), decidesForAll)
  if (verifyHostKey !== undefined) throw noDefault(optionOf('verifyHostKey'), decidesForAll)
  return { ...layer, source: 'program', originOf: () => 'default of the program' }
}

function noDefault(origin: string, what: string): ConfigError {
  return new ConfigError('INVALID_OPTION', `${origin}: ${what}`, {
    origin,
    phase: 'resolve',
    hint: 'give it to the connection of that host',
  })
}
