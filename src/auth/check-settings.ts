// Refuses authentication settings that cannot work, before any input or output.

import { invalid } from '../config/kinds.js'
import type { Settings } from '../config/settings.js'
import { printable } from '../printable.js'

/** The methods that `preferredAuthentications` may name. */
export const authMethods = ['publickey', 'keyboard-interactive', 'password'] as const
export type AuthMethod = (typeof authMethods)[number]

/** Throws `ConfigError` `INVALID_OPTION` for methods that do not exist here and for an agent that names nothing. */
export function checkAuthSettings(
  settings: Pick<Settings, 'preferredAuthentications' | 'identityAgent'>,
): readonly AuthMethod[] {
  const origin = 'option preferredAuthentications'
  const methods = settings.preferredAuthentications.map((name) => {
    const known = authMethods.find((method) => method === name)
    if (known !== undefined) return known
    throw invalid(origin, `${printable(name, 60)} is none of ${authMethods.join(', ')}`)
  })
  if (methods.length === 0) throw invalid(origin, 'must name at least one method')
  if (settings.identityAgent !== undefined && /^\$(?!\w+$|\{\w+\}$)/.test(settings.identityAgent)) {
    throw invalid('option identityAgent', `${printable(settings.identityAgent)} names no variable`)
  }
  return [...new Set(methods)]
}
