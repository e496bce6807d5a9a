// The names of settings in the environment, made from their names in the table.

import { type SettingName, settingsTable } from './settings.js'

/**
 * The variable of the environment that gives a setting to every host: `SALLYPORT_`, and the name in capitals, as in
 * `SALLYPORT_SERVER_ALIVE_COUNT_MAX`. `undefined` where the environment cannot give it.
 */
export function findEnvironmentName(name: SettingName): string | undefined {
  if (settingsTable[name].kind.parse === undefined) return undefined
  return `SALLYPORT_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}
