// The settings of a hop that are worth a look: those that differ from the defaults, with their origins. No secrets.

import { type SettingName, settingsTable } from '../config/settings.js'
import type { Hop } from '../route/route.js'
import { shownSettings } from '../route/shown-settings.js'
import { shownText } from './shown-text.js'

/** One setting, as text. */
export interface TellingSetting {
  readonly name: SettingName
  /** The keyword of ssh_config(5), or the name where there is none. */
  readonly keyword: string
  /** Times in seconds, lists side by side; a secret, or a function of a program, shows only that there is one. */
  readonly value: string
  /** Where the value came from: `~/.ssh/config:12`. */
  readonly origin: string
  /** The origins that it beat, highest first. */
  readonly beat: readonly string[]
}

/** The settings of a hop that some source gave and that differ from the default, in the order of the table. */
export function tellingSettings(hop: Hop): readonly TellingSetting[] {
  return shownSettings(hop).flatMap(({ name, value, origin: { from, beat } }) => {
    if (from === 'default' || sameValue(value, settingsTable[name].default)) return []
    return {
      name,
      keyword: settingsTable[name].keyword ?? name,
      value: textOf(value, name),
      origin: shownText(from),
      beat: beat.map(shownText),
    }
  })
}

function sameValue(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

function textOf(value: unknown, name: SettingName): string {
  if (Array.isArray(value))
    return value.length === 0 ? 'none' : shownText(value.map((entry) => textOf(entry, name)).join(' '))
  switch (typeof value) {
    case 'boolean':
      return value ? 'yes' : 'no'
    case 'number':
      return name.endsWith('Ms') ? `${value / 1000} s` : String(value)
    case 'object':
      return shownText(JSON.stringify(value))
    default:
      return shownText(String(value))
  }
}
