// The text of a ProxyCommand made ready to run: tokens expanded, and only with values that are safe in a shell.

import { ConfigError } from '../errors.js'

/** A ProxyCommand as given: text for the user's shell, or words for no shell at all. */
export type CommandText = string | readonly string[]

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
  if (typeof command === 'string') return { shell: expand(command, values, { origin, inShell: true }) }
  return { argv: command.map((word) => expand(word, values, { origin, inShell: false })) }
}

interface Place {
  readonly origin: string
  readonly inShell: boolean
}

function expand(text: string, values: TokenValues, place: Place): string {
  return text.replace(/%(.?)/gs, (token, letter: string) => {
    if (letter === '%') return '%'
    const value = findValue(letter, values)
    if (value === undefined) {
      const what = letter === '' ? 'a single % at the end' : `the unknown token ${token}`
      throw new ConfigError('UNKNOWN_TOKEN', `${place.origin}: the ProxyCommand has ${what}`, {
        origin: place.origin,
        phase: 'resolve',
        hint: 'the tokens are %% %h %n %p %r %k',
      })
    }
    if (place.inShell) checkShellSafe(token, value, place.origin)
    else checkNoOption(token, value, place.origin)
    return value
  })
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

function checkShellSafe(token: string, value: string, origin: string): void {
  if (/^[A-Za-z0-9_.:@%+=,/][A-Za-z0-9_.:@%+=,/-]*$/.test(value)) return
  throw new ConfigError(
    'UNSAFE_VALUE',
    `${origin}: ${token} stands for ${JSON.stringify(value)}, which is not safe in a shell command`,
    { origin, phase: 'resolve', hint: 'give the command as a list of words, which needs no shell' },
  )
}

// Host and user never begin with a dash; an alias for the host key may.
function checkNoOption(token: string, value: string, origin: string): void {
  if (!value.startsWith('-')) return
  throw new ConfigError(
    'UNSAFE_VALUE',
    `${origin}: ${token} stands for ${JSON.stringify(value)}, which a program may take for an option`,
    { origin, phase: 'resolve', hint: 'choose a name that does not begin with a dash' },
  )
}
