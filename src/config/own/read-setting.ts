// One value of a file or a variable -> the value of a setting: text is read in ssh's words, all else is checked as what
// a program gives.

import { ConfigError } from '../../errors.js'
import { type SettingName, settingsTable } from '../settings.js'

/**
 * Reads the value of a setting. Text for a setting whose name ends in `Ms` is ssh's time format (`30s`, `1m30s`), but
 * milliseconds when it has no unit, as the name says. Throws ConfigError, whose message begins with `origin`.
 */
export function readSetting(name: SettingName, value: unknown, origin: string): unknown {
  const { kind } = settingsTable[name]
  if (typeof value !== 'string' || kind.parse === undefined) return kind.check(value, origin)
  if (name.endsWith('Ms') && /^\d+$/.test(value)) return kind.check(Number(value), origin)
  return kind.parse(value, origin)
}

/** What an error of {@link readSetting} says, without the origin that it begins with. */
export function whatIsWrong(error: unknown, origin: string): string {
  if (!(error instanceof ConfigError)) throw error
  const what = error.message.startsWith(`${origin}: `)
    ? error.message.slice(origin.length + 2)
    : error.message
  return error.hint === undefined ? what : `${what}; ${error.hint}`
}
