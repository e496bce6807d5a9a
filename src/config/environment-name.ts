// The names of settings in the environment, made from their names in the table.

import { type SettingName, settingsTable } from './settings.js'

/** `SALLYPORT_`, and the name in capitals: `serverAliveCountMax` is `SALLYPORT_SERVER_ALIVE_COUNT_MAX`. */
function variableName(name: string): string {
  return `SALLYPORT_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/**
 * The variable of the environment that gives a setting; `undefined` where text cannot give it. A time has ssh's format
 * there (`30`, `1m30s`), and so its variable has no `Ms` at its end: `SALLYPORT_CONNECT_TIMEOUT`.
 */
export function findEnvironmentName(name: SettingName): string | undefined {
  if (settingsTable[name].kind.parse === undefined) return undefined
  return variableName(name.replace(/Ms$/, ''))
}
