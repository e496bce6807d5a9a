// What the percent tokens stand for in one connection (ssh_config(5) TOKENS). Pure.

import { createHash } from 'node:crypto'
import type { LocalAccount } from './local-account.js'
import type { TokenValues } from './tokens.js'

/** What is known of a connection when a value is expanded. */
export interface TokenFacts {
  /** `%n`: the host as it was named. */
  readonly host: string
  /** `%h`: the host to connect to. */
  readonly hostName: string
  /** `%p` */
  readonly port: number
  /** `%r`: the remote user. */
  readonly user: string
  /** `%k`. Default: `host`; but for `Match exec` OpenSSH takes `hostName` then, which must be given here. */
  readonly hostKeyAlias?: string | undefined
  /** `%j`: the text of ProxyJump. Default: none, and the token is empty. */
  readonly proxyJump?: string | undefined
  /** `%d`, `%i`, `%L`, `%l`, `%u` */
  readonly local: LocalAccount
}

/** The values of the tokens; nothing is computed before it is asked for. */
export function tokenValues(facts: TokenFacts): TokenValues {
  const { host, hostName, port, user, hostKeyAlias = host, proxyJump = '', local } = facts
  const values = new Map<string, () => string | undefined>([
    ['C', () => connectionHash([local.machine, hostName, String(port), user, proxyJump])],
    ['d', () => local.home],
    ['h', () => hostName],
    ['i', () => String(local.uid)],
    ['j', () => proxyJump],
    ['k', () => hostKeyAlias],
    ['L', () => local.machine.replace(/\..*$/s, '')],
    ['l', () => local.machine],
    ['n', () => host],
    ['p', () => String(port)],
    ['r', () => user],
    ['u', () => local.user],
  ])
  return (letter) => values.get(letter)?.()
}

// readconf.c ssh_connection_hash: `%l%h%p%r%j`, of which `%j` is there since 9.6.
function connectionHash(parts: readonly string[]): string {
  return createHash('sha1').update(parts.join('')).digest('hex')
}
