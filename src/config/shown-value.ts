// What may be shown of the value of a setting, wherever it is shown: plain data, without secrets and functions. What
// looks like a secret in a text is for secret-text.ts.

import { hidden, withoutSecrets, withoutSecretValue } from '../secret-text.js'
import { type SettingName, type Settings, settingsTable } from './settings.js'

/** The value itself where there is nothing to hide in it; else with `[secret]` and `[function]` for what is not shown. */
export function shownValue(name: SettingName, value: unknown): unknown {
  if (value === undefined) return undefined
  if (settingsTable[name].secret === true) return hidden
  if (typeof value === 'function') return '[function]'
  if (name === 'setEnv') return shownVariables(value as Settings['setEnv'])
  return typeof value === 'string' ? withoutSecrets(value) : value
}

function shownVariables(variables: Settings['setEnv']): Settings['setEnv'] {
  const shown: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(variables)) shown[name] = withoutSecretValue(name, value)
  return Object.entries(shown).every(([name, value]) => value === variables[name]) ? variables : shown
}
