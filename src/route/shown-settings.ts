// The settings of a hop as they may be shown: plain data, without secrets and functions.

import type { SettingOrigin } from '../config/merge.js'
import { type SettingName, settingNames } from '../config/settings.js'
import { shownValue } from '../config/shown-value.js'
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
    return [{ name, value: shownValue(name, settings[name]), origin: origins[name] }]
  })
}
