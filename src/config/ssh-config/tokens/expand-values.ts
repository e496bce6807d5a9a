// The values of an answer expanded: what the tokens stand for once everything about a host has been obtained.

import { asciiLowerCase } from '../../ascii-lower-case.js'
import type { Env } from '../../home-path.js'
import type { SshConfigAnswer } from '../answer.js'
import type { KeywordName } from '../keywords.js'
import type { LocalAccount } from './local-account.js'
import { tokenValues } from './token-values.js'
import { expandTokens } from './tokens.js'

/** What decides about the tokens besides the answer. */
export interface ExpansionFacts {
  /** What the caller said: it is no value of ssh_config. */
  readonly given: Given
  /** What holds when ssh_config says nothing. Default: the local user, and 22. */
  readonly otherwise?: Given | undefined
  readonly local: LocalAccount
  readonly env: Env
}

/** What decides about tokens and is said elsewhere than in ssh_config. */
export interface Given {
  readonly user?: string | undefined
  readonly port?: number | undefined
  readonly hostName?: string | undefined
  readonly hostKeyAlias?: string | undefined
}

/** Expands one word of a value. Throws ConfigError, as {@link expandTokens}. */
export type Expand = (
  word: string,
  place: { readonly keyword: KeywordName; readonly origin: string },
) => string

/** Runs what may fail; `undefined` when it does. */
export type Attempt = (work: () => string) => string | undefined

/** The expansion for one host. The user, whose own tokens may be wrong, is expanded at once, by `attempt`. */
export function createExpand(answer: SshConfigAnswer, facts: ExpansionFacts, attempt: Attempt): Expand {
  const { given, otherwise = {}, local, env } = facts
  const find = (keyword: KeywordName) => answer.values.get(keyword)?.[0]
  const hops = find('ProxyJump')?.words[0] ?? 'none'
  const alias = find('HostKeyAlias')?.words[0] ?? otherwise.hostKeyAlias
  const known = {
    host: answer.host,
    hostName: find('HostName') === undefined ? (otherwise.hostName ?? answer.hostName) : answer.hostName,
    port: given.port ?? Number(find('Port')?.words[0] ?? otherwise.port ?? 22),
    // ssh lowers it before it is a token.
    hostKeyAlias: alias === undefined ? undefined : asciiLowerCase(alias),
    proxyJump: isNone(hops) ? undefined : hops,
    local,
  }
  const expandAs =
    (user: string): Expand =>
    (word, place) =>
      expandTokens(word, { ...place, values: tokenValues({ ...known, user }), env, homes: local })
  const userOf = (): string => {
    if (given.user !== undefined) return given.user
    const configured = find('User')
    if (configured === undefined) return otherwise.user ?? local.user ?? ''
    const {
      words: [word = ''],
      origin,
    } = configured
    return attempt(() => expandAs('')(word, { keyword: 'User', origin })) ?? ''
  }
  return expandAs(userOf())
}

/** Whether the text of a ProxyCommand or a ProxyJump stands for no gateway. */
export function isNone(text: string): boolean {
  return /^\s*none\s*$/i.test(text)
}
