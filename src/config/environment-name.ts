// The names of settings in the environment, made from their names in the table.

import { type SettingName, settingsTable } from './settings.js'

/**
 * The variable of the environment that gives a setting to every host: `SALLYPORT_`, and the name in capitals, as in
 * `SALLYPORT_SERVER_ALIVE_COUNT_MAX`. `undefined` where the environment cannot give it.
 */
export function findEnvironmentName(name: SettingName): string | undefined {
  if (settingsTable[name].kind.parse === undefined) return undefined
  return `SALLYPORT_${capitals(name)}`
}

/** A name in camel case as variables have it: `CONNECT_TIMEOUT_MS`. */
export function capitals(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}
