// Which keywords of ssh_config(5) are settings of a hop: those of the rows that name one.

import { type SettingName, settingNames, settingsTable } from '../../settings.js'
import { findKeyword, type KeywordName } from '../keywords.js'

const settings = new Map<KeywordName, SettingName>()
for (const name of settingNames) {
  const { keyword = '' } = settingsTable[name]
  const found = findKeyword(keyword)
  if (found !== undefined) settings.set(found.name, name)
}

export const settingByKeyword: ReadonlyMap<KeywordName, SettingName> = settings
