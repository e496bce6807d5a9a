// The text of a ProxyCommand made ready to run: tokens expanded, and only with values that are safe where they go.

import type { Place } from '../config/ssh-config/tokens/safe-value.js'
import { expandTokens } from '../config/ssh-config/tokens/tokens.js'

/** A ProxyCommand as given: text for the user's shell, or words for no shell at all. */
export type CommandText = string | readonly string[]

/** When a command on a gateway is run: for every connection, or only when the gateway says that it does not forward there. */
export type RemoteCommandWhen = 'always' | 'forwarding is prohibited'

/** What the percent tokens stand for (ssh_config(5) TOKENS; `%k` as sshconnect.c has it). */
export interface TokenValues {
  /** `%h`: the real host name. */
  readonly hostName: string
  /** `%n`: the host as it was named. */
  readonly host: string
  /** `%p` */
  readonly port: number
  /** `%r`: the remote user. */
  readonly user: string
  /** `%k`: the HostKeyAlias, or else the host as it was named. */
  readonly hostKeyAlias: string | undefined
}

/** A ProxyCommand that is ready to run. */
export type ExpandedCommand = { readonly shell: string } | { readonly argv: readonly string[] }

/**
 * Expands the tokens. In the shell form each value must be harmless to a shell, because the text around it may
 * already be quoted; in a list none may begin with a dash. Otherwise throws {@link ConfigError} UNSAFE_VALUE.
 * Unknown tokens throw UNKNOWN_TOKEN.
 */
export function expandProxyCommand(
  command: CommandText,
  values: TokenValues,
  origin: string,
): ExpandedCommand {
  const expand = (text: string, place: Place) =>
    expandTokens(text, {
      keyword: 'ProxyCommand',
      values: (letter) => findValue(letter, values),
      origin,
      place,
    })
  if (typeof command === 'string') return { shell: expand(command, 'shell') }
  return { argv: command.map((word) => expand(word, 'argument')) }
}

function findValue(letter: string, values: TokenValues): string | undefined {
  switch (letter) {
    case 'h':
      return values.hostName
    case 'n':
      return values.host
    case 'p':
      return String(values.port)
    case 'r':
      return values.user
    case 'k':
      return values.hostKeyAlias ?? values.host
    default:
      return undefined
  }
}

/** A command as it is shown: as it was written, its tokens not expanded. */
export function commandText(command: CommandText): string {
  return typeof command === 'string' ? command : command.map(asOneWord).join(' ')
}

function asOneWord(word: string): string {
  return /[\s"'$\\]/.test(word) ? JSON.stringify(word) : word
}
