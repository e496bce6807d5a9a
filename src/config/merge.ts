// Layers of settings -> the settings of one hop, with the origin of each value. The only place that knows precedence:
// the first layer that has a value wins. Pure.

import { userInfo } from 'node:os'
import { inspect } from 'node:util'
import { type SettingName, type Settings, settingNames, settingsTable } from './settings.js'

/** Values from one source. Undefined values count as absent. */
export interface Layer {
  readonly values: Partial<Settings>
  /** Where the value of `name` stands: `option user`, `-p`, later `~/.ssh/config:12`. */
  readonly originOf: (name: SettingName) => string
}

/** For each setting, where its value came from, and what it beat. */
export type Origins = { readonly [K in SettingName]: Origin }

export interface Origin {
  /** `default`, or the source's own words. */
  readonly from: string
  /** The sources of lower precedence that had a value too, highest first. */
  readonly beat: readonly string[]
}

/** Merges layers, given in order of falling precedence, over the defaults. */
export function mergeLayers(layers: readonly Layer[]): {
  readonly settings: Settings
  readonly origins: Origins
} {
  const settings: Record<string, unknown> = {}
  const origins: Record<string, Origin> = {}
  for (const name of settingNames) {
    const having = layers.filter((layer) => layer.values[name] !== undefined)
    const [winner, ...beaten] = having
    // What prints an object without asking it passes over what cannot be enumerated.
    const enumerable = settingsTable[name].secret !== true
    const value = winner === undefined ? defaultOf(name) : winner.values[name]
    Object.defineProperty(settings, name, { value, enumerable })
    origins[name] = Object.freeze({
      from: winner?.originOf(name) ?? 'default',
      beat: Object.freeze(beaten.map((layer) => layer.originOf(name))),
    })
  }
  const shown = { value: () => withoutSecrets(settings) }
  Object.defineProperties(settings, { toJSON: shown, [inspect.custom]: shown })
  return {
    settings: Object.freeze(settings) as unknown as Settings,
    origins: Object.freeze(origins) as unknown as Origins,
  }
}

function defaultOf(name: SettingName): unknown {
  return name === 'user' ? localUser() : settingsTable[name].default
}

// An account without an entry in the user database has no name; then the user must be given.
function localUser(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}

/** What may be printed of settings: a secret shows only that there is one. */
function withoutSecrets(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isHidden = (name: string) =>
    settingsTable[name as SettingName].secret === true && settings[name] !== undefined
  return Object.fromEntries(settingNames.map((name) => [name, isHidden(name) ? '[secret]' : settings[name]]))
}
