// What Match lines and tokens see while a host is looked up: what the query says, then what has been obtained by now,
// then what ssh takes when nothing was said.

import { ConfigError, type ConfigProblem } from '../../../errors.js'
import type { SshConfigQuery } from '../answer.js'
import type { Collected } from '../evaluate/collected.js'
import type { LocalAccount } from '../tokens/local-account.js'
import { type TokenFacts, tokenValues } from '../tokens/token-values.js'
import { expandTokens, type TokenValues } from '../tokens/tokens.js'
import { localAddresses } from './local-addresses.js'
import type { MatchFacts } from './match.js'

/** `Match version` sees the version of OpenSSH whose ssh_config(5) is followed here. */
const version = 'OpenSSH_10.2'

export interface Scene {
  readonly query: SshConfigQuery
  readonly collected: Collected
  readonly account: LocalAccount
  /** The name to connect to, once it is settled: in the final pass. */
  readonly canonicalHost?: string | undefined
  readonly onProblem: (problem: ConfigProblem) => void
}

/** The facts are found when they are asked for: they change from line to line. */
export function createFacts(scene: Scene): MatchFacts {
  const { query, collected, account, canonicalHost } = scene
  return {
    originalHost: query.host,
    localUser: account.user ?? '',
    command: query.command ?? '',
    version,
    isFinal: canonicalHost !== undefined,
    localAddresses,
    get host() {
      return canonicalHost ?? hostNameOf(scene)
    },
    get user() {
      return collected.find('User') ?? account.user ?? ''
    },
    get tag() {
      return collected.find('Tag') ?? ''
    },
    get sessionType() {
      return sessionTypeOf(query, collected.find('SessionType'))
    },
  }
}

// -N and -s beat the files, which beat what follows from the command.
function sessionTypeOf({ sessionType, command }: SshConfigQuery, configured: string | undefined): string {
  const special = [sessionType, configured].find((type) => type === 'none' || type === 'subsystem')
  return special ?? sessionType ?? (command === undefined || command === '' ? 'shell' : 'exec')
}

/** HostName with its tokens expanded, else the host; what is wrong with it goes to `onProblem`. */
export function hostNameOf({ query: { host }, collected, onProblem }: Scene): string {
  const [obtained] = collected.values.get('HostName') ?? []
  const [text] = obtained?.words ?? []
  if (obtained === undefined || text === undefined) return host
  if (!text.includes('%')) return text
  try {
    const values: TokenValues = (letter) => (letter === 'h' ? host : undefined)
    return expandTokens(text, { keyword: 'HostName', values, origin: obtained.origin })
  } catch (error) {
    if (!(error instanceof ConfigError) || error.problems.length === 0) throw error
    error.problems.forEach(onProblem)
    return text
  }
}

/** What the tokens of Match exec and of Include stand for at this moment. */
export function tokensOf(scene: Scene, facts: MatchFacts): TokenValues {
  const { query, collected, account } = scene
  const hostName = facts.host
  const known: TokenFacts = {
    host: query.host,
    hostName,
    port: Number(collected.find('Port') ?? 22),
    user: facts.user,
    hostKeyAlias: collected.find('HostKeyAlias') ?? hostName,
    proxyJump: collected.find('ProxyJump'),
    local: account,
  }
  return tokenValues(known)
}
