// One option in ssh's words, as of `-o`: its keyword and text become a setting of the table, or a gateway's option.

import { ConfigError } from '../errors.js'
import { printable } from '../printable.js'
import type { SettingOptions } from './runtime.js'
import { type SettingName, settingNames, settingsTable } from './settings.js'

/** Options that have keywords in ssh_config(5): settings of the host, and the text of a gateway. */
export type SshOption = SettingOptions & {
  readonly proxyJump?: string | undefined
  readonly proxyCommand?: string | undefined
}

/** These are no settings of a hop; their text is read where routes are made. */
const gatewayNames: ReadonlyMap<string, keyof SshOption> = new Map([
  ['ProxyJump', 'proxyJump'],
  ['ProxyCommand', 'proxyCommand'],
])

const nameByKeyword = new Map<string, SettingName>()
for (const name of settingNames) {
  const { keyword, kind } = settingsTable[name]
  if (keyword !== undefined && kind.parse !== undefined) nameByKeyword.set(keyword.toLowerCase(), name)
}

/** The keywords of ssh_config(5) that {@link parseOption} reads, in the order of the alphabet. */
export const optionKeywords: readonly string[] = Object.freeze(
  [...settingNames.map((name) => settingsTable[name].keyword), ...gatewayNames.keys()]
    .filter((keyword) => keyword !== undefined)
    .sort(),
)

/**
 * Reads the text of one option; the keyword's case does not matter. The result has one property. `origin` names the
 * option in messages; default `-o Keyword`. Throws {@link ConfigError} UNSUPPORTED_OPTION for a keyword that is not
 * among {@link optionKeywords}, and INVALID_OPTION for text that has no meaning for it.
 */
export function parseOption(
  keyword: string,
  text: string,
  options: { readonly origin?: string | undefined } = {},
): SshOption {
  const { origin = `-o ${printable(keyword, 60)}` } = options
  const word = keyword.toLowerCase()
  for (const [known, name] of gatewayNames) if (known.toLowerCase() === word) return { [name]: text }
  const name = nameByKeyword.get(word)
  if (name === undefined) {
    throw new ConfigError(
      'UNSUPPORTED_OPTION',
      `${origin}: there is no such option, or it is not supported`,
      {
        origin,
        phase: 'resolve',
        hint: `supported are ${optionKeywords.join(', ')}`,
      },
    )
  }
  return { [name]: settingsTable[name].kind.parse?.(text, origin) }
}
