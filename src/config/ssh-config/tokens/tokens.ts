// `~`, `%` tokens and `${VARIABLES}` in the values of keywords (ssh_config(5) TOKENS, ENVIRONMENT VARIABLES): which
// keyword takes which, and their expansion in ssh's order. What the tokens stand for is for token-values.ts.

import { ConfigError } from '../../../errors.js'
import { printable } from '../../../printable.js'
import { type Env, expandUserPath, type Homes } from '../../home-path.js'
import { Unacceptable } from '../keyword.js'
import { variableValue } from '../values/variables.js'
import { checkValue, type Place } from './safe-value.js'

/** What the token with this letter stands for; `undefined` when that is not known here. */
export type TokenValues = (letter: string) => string | undefined

interface Rule {
  /** The letters of the tokens that it takes, besides `%%`. */
  readonly letters?: string
  readonly takesVariables?: true
  readonly takesTilde?: true
  /** Default: text that no shell reads here. */
  readonly place?: Place
}

const most = 'CdhijkLlnpru'
const path: Rule = { letters: most, takesVariables: true, takesTilde: true }

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['CertificateFile', path],
  ['ControlPath', path],
  ['ForwardAgent', path],
  // Its tilde comes last, because a path that is relative is completed before.
  ['Include', { letters: most, takesVariables: true }],
  ['IdentityAgent', path],
  ['IdentityFile', path],
  ['RevokedHostKeys', path],
  ['UserKnownHostsFile', path],
  ['GlobalKnownHostsFile', { takesTilde: true }],
  // The paths of sockets only; their variables are replaced already where the line is read.
  ['LocalForward', { letters: most }],
  ['RemoteForward', { letters: most }],
  ['Match exec', { letters: most, place: 'shell' }],
  ['RemoteCommand', { letters: most }],
  ['VersionAddendum', { letters: most }],
  ['User', { letters: 'dhijkLlnpu', takesVariables: true }],
  ['HostName', { letters: 'h' }],
  ['ProxyCommand', { letters: 'hnprk', place: 'shell' }],
  ['ProxyJump', { letters: 'hnprk' }],
])

/** How a text is expanded. */
export interface Expansion {
  /** As ssh_config(5) spells it; `Match exec` for that criterion. */
  readonly keyword: string
  readonly values: TokenValues
  /** Where the text stands, for messages. */
  readonly origin: string
  /** For keywords that take variables. Default: none is set. */
  readonly env?: Env | undefined
  /** For keywords that take a tilde. Default: it is left as it is. */
  readonly homes?: Homes | undefined
  /** Where the values go, in place of the keyword's own: `argument` for one of a list that no shell sees. */
  readonly place?: Place | undefined
}

/**
 * Expands the tilde, and then tokens and variables in one go from left to right; what they stand for is not expanded
 * again. A keyword that takes none of these has its text as it is. Throws {@link ConfigError}: UNKNOWN_TOKEN,
 * CONFIG_INVALID for a variable that is not set or a user that is not known, UNSAFE_VALUE for a value that may not stand
 * where it would.
 */
export function expandTokens(text: string, expansion: Expansion): string {
  const rule = rules.get(expansion.keyword) ?? {}
  const { letters, takesVariables, takesTilde } = rule
  const started = takesTilde === true ? expandTilde(text, expansion) : text
  const place = expansion.place ?? rule.place ?? 'text'
  return started.replace(
    /%(.?)|\$\{([^}]*)(\}?)/gsu,
    (token, letter?: string, name?: string, end?: string) => {
      if (letter === '%') return letters === undefined ? token : '%'
      const isToken = letter !== undefined
      if (isToken ? letters === undefined : takesVariables !== true) return token
      const value = isToken
        ? tokenValue(letter, letters ?? '', expansion)
        : variable(name ?? '', end === '}' ? 'closed' : 'open', expansion)
      checkValue(value, { token, place, origin: expansion.origin })
      return value
    },
  )
}

function expandTilde(text: string, { homes, keyword, origin }: Expansion): string {
  if (homes === undefined) return text
  const expanded = expandUserPath(text, homes)
  if (expanded !== undefined) return expanded
  throw bad('CONFIG_INVALID', origin, `${keyword} "${printable(text)}" names a user who is not known`)
}

function tokenValue(letter: string, letters: string, { keyword, origin, values }: Expansion): string {
  const shown = printable(`%${letter}`)
  if (letter === '' || !letters.includes(letter)) {
    const what = letter === '' ? 'a single % at the end' : `the unknown token ${shown}`
    const known = ['%', ...letters].map((each) => `%${each}`).join(' ')
    throw bad('UNKNOWN_TOKEN', origin, `${keyword} has ${what}`, `the tokens are ${known}`)
  }
  const value = values(letter)
  if (value !== undefined) return value
  throw bad('CONFIG_INVALID', origin, `${keyword} has the token ${shown}, which has no value here`)
}

function variable(name: string, brace: 'closed' | 'open', { keyword, origin, env = {} }: Expansion): string {
  try {
    return variableValue({ name, isClosed: brace === 'closed' }, env)
  } catch (error) {
    if (!(error instanceof Unacceptable)) throw error
    throw bad('CONFIG_INVALID', origin, `${keyword}: ${error.message}`)
  }
}

function bad(
  code: 'UNKNOWN_TOKEN' | 'CONFIG_INVALID',
  origin: string,
  what: string,
  hint?: string,
): ConfigError {
  const message = `${origin}: ${what}`
  return new ConfigError(code, message, {
    origin,
    phase: 'resolve',
    hint,
    problems: [{ origin, message: what }],
  })
}
