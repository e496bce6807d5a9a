// The settings of a hop as they may be shown: plain data, without secrets and functions.

import type { SettingOrigin } from '../config/merge.js'
import { type SettingName, type Settings, settingNames, settingsTable } from '../config/settings.js'
import { withoutSecrets } from './command-link.js'
import type { Hop } from './route.js'

/** One setting of a hop that has a value. */
export interface ShownSetting {
  readonly name: SettingName
  /** Fit for JSON; `[secret]` and `[function]` for what is not shown. */
  readonly value: unknown
  readonly origin: SettingOrigin
}

/** All settings that have a value, in the order of the table. */
export function shownSettings({
  settings,
  origins,
}: Pick<Hop, 'settings' | 'origins'>): readonly ShownSetting[] {
  return settingNames.flatMap((name) => {
    if (settings[name] === undefined) return []
    return [{ name, value: shownValue(name, settings), origin: origins[name] }]
  })
}

function shownValue(name: SettingName, settings: Settings): unknown {
  const value: unknown = settings[name]
  if (settingsTable[name].secret === true) return '[secret]'
  if (typeof value === 'function') return '[function]'
  if (name === 'setEnv') return withoutSecretVariables(settings.setEnv)
  return typeof value === 'string' ? withoutSecrets(value) : value
}

function withoutSecretVariables(variables: Settings['setEnv']): Readonly<Record<string, string>> {
  const shown: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(variables)) {
    shown[name] = /pass|secret|token|key|credential/i.test(name) ? '[secret]' : withoutSecrets(value)
  }
  return shown
}
