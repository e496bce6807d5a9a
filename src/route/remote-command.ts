// A command that a gateway runs in place of forwarding, as a link: its tokens expanded for the shell of the gateway, and
// what looks like a secret in it not shown.

import { inspect } from 'node:util'
import { invalid } from '../config/kinds.js'
import { withoutSecrets } from '../secret-text.js'
import {
  type CommandText,
  commandText,
  expandProxyCommand,
  type RemoteCommandWhen,
  type TokenValues,
} from './proxy-command.js'
import type { HopLink } from './route.js'

/**
 * The link by a command on the gateway. A list of words is quoted for a POSIX shell. Throws ConfigError UNSAFE_VALUE and
 * UNKNOWN_TOKEN as for a ProxyCommand.
 */
export function remoteCommandLink(
  { command: given, when }: { readonly command: CommandText; readonly when: RemoteCommandWhen },
  values: TokenValues,
  origin: string,
): HopLink {
  const expanded = expandProxyCommand(given, values, origin)
  const command = 'shell' in expanded ? expanded.shell : expanded.argv.map((word) => quoted(word)).join(' ')
  if (/\p{Surrogate}/u.test(command)) throw invalid(origin, 'the command has half a surrogate pair')
  const text = commandText(given)
  const kind = 'remote-command'
  const shown = { value: () => ({ kind, text: withoutSecrets(text), when }) }
  return Object.freeze(
    Object.defineProperties({ kind, command, text, when } as const, {
      command: { enumerable: false },
      text: { enumerable: false },
      toJSON: shown,
      [inspect.custom]: shown,
    }),
  )
}

// What needs no quotes goes without, so that shells that are not of POSIX understand the plain commands, too.
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
