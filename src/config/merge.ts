// Layers of settings -> the settings of one hop, with the origin of each value. The only place that knows precedence:
// the layer of the highest source that has a value wins; lists that gather take from all. Pure but for the name of the
// local user, which is the default of one setting.

import { inspect } from 'node:util'
import { findLocalUser } from './local-user.js'
import { type SettingName, type Settings, settingNames, settingsTable } from './settings.js'
import { shownValue } from './shown-value.js'

/** The sources of settings, in the order of falling precedence. Below them all are the defaults of the table. */
export const sources = [
  'runtime',
  'ssh_config',
  'environment',
  'project',
  'user',
  'system',
  'program',
] as const

export type Source = (typeof sources)[number]

/** Values from one source. Undefined values count as absent. */
export interface Layer {
  readonly source: Source
  readonly values: Partial<Settings>
  /** Whether it was written by someone whom the user may not know: the project's file, and nobody said to trust it. */
  readonly untrusted?: boolean
  /** Where the value of `name` stands: `option user`, `-p`, `~/.ssh/config:12`. */
  readonly originOf: (name: SettingName) => string
  /** Where this source has further values of `name`, which came too late in it. Default: nowhere. */
  readonly beatenAt?: (name: SettingName) => readonly string[]
  /** Whether the value of `name` is OpenSSH's own list with changes, as `+` and `-` make them. Default: none is. */
  readonly isOwnListChanged?: (name: SettingName) => boolean
}

/** For each setting, where its value came from, and what it beat. */
export type Origins = { readonly [K in SettingName]: SettingOrigin }

export interface Origin {
  /** `default`, or the source's own words; several with commas between them for a list that gathers. */
  readonly from: string
  /** The sources of lower precedence that had a value too, highest first. */
  readonly beat: readonly string[]
}

export interface SettingOrigin extends Origin {
  /** What the value is made of: one part for most, several for a list that gathers, none for a default. */
  readonly parts: readonly OriginPart[]
}

export interface OriginPart {
  readonly source: Source
  readonly from: string
  /** For a list that gathers: what this source has in it. */
  readonly entries?: readonly string[]
  /** The value is OpenSSH's own list with changes, as `+` and `-` make them in ssh_config: its order was nobody's wish. */
  readonly isOwnListChanged?: true
}

/** Merges layers over the defaults. Their order counts between layers of one source only: the first is the higher. */
export function mergeLayers(given: readonly Layer[]): {
  readonly settings: Settings
  readonly origins: Origins
} {
  const layers = sources.flatMap((source) => given.filter((layer) => layer.source === source))
  const settings: Record<string, unknown> = {}
  const origins: Record<string, Origin> = {}
  for (const name of settingNames) {
    const having = layers.filter((layer) => layer.values[name] !== undefined)
    const { value, from } =
      settingsTable[name].gathers === true ? gathered(name, having) : first(name, having)
    // What prints an object without asking it passes over what cannot be enumerated.
    const enumerable = [value, '[function]'].includes(shownValue(name, value))
    Object.defineProperty(settings, name, { value, enumerable })
    const beaten = layers.flatMap((layer) => [
      ...(having.includes(layer) && !from.includes(layer) ? [layer.originOf(name)] : []),
      ...(layer.beatenAt?.(name) ?? []),
    ])
    origins[name] = Object.freeze({
      from: from.map((layer) => layer.originOf(name)).join(', ') || 'default',
      beat: Object.freeze(beaten),
      parts: Object.freeze(from.map((layer) => partOf(name, layer))),
    })
  }
  const shown = { value: () => shownSettings(settings) }
  Object.defineProperties(settings, { toJSON: shown, [inspect.custom]: shown })
  return {
    settings: Object.freeze(settings) as unknown as Settings,
    origins: Object.freeze(origins) as unknown as Origins,
  }
}

interface Merged {
  readonly value: unknown
  /** The layers that the value is from. */
  readonly from: readonly Layer[]
}

function first(name: SettingName, [winner]: readonly Layer[]): Merged {
  return winner === undefined
    ? { value: defaultOf(name), from: [] }
    : { value: winner.values[name], from: [winner] }
}

function gathered(name: SettingName, having: readonly Layer[]): Merged {
  const listOf = (layer: Layer): readonly unknown[] => layer.values[name] as unknown as readonly unknown[]
  const end = having.findIndex((layer) => listOf(layer).length === 0)
  const from = end < 0 ? having : having.slice(0, Math.max(end, 1))
  if (from.length === 0) return first(name, [])
  return { value: Object.freeze([...new Set(from.flatMap(listOf))]), from }
}

function partOf(name: SettingName, { source, values, originOf, isOwnListChanged }: Layer): OriginPart {
  const isChanged = isOwnListChanged?.(name) === true
  const part = { source, from: originOf(name), ...(isChanged && { isOwnListChanged: true as const }) }
  if (settingsTable[name].gathers !== true) return Object.freeze(part)
  return Object.freeze({ ...part, entries: values[name] as readonly string[] })
}

function defaultOf(name: SettingName): unknown {
  return name === 'user' ? (findLocalUser() ?? '') : settingsTable[name].default
}

/** What may be printed of settings. */
function shownSettings(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(settingNames.map((name) => [name, shownValue(name, settings[name])]))
}
