// Which destinations a forward may be asked for: a list as of ssh_config(5) PermitRemoteOpen, or a function of the
// caller. Nothing is looked up: a name is compared as it was asked for, and an address never stands for a name.

import { invalid } from '../../config/kinds.js'
import { unlessAborted } from '../../config/unless-aborted.js'
import { type Address, formatAddress } from '../../dialer.js'
import { SallyportError } from '../../errors.js'
import { printable } from '../../printable.js'
import { findDestination } from './proxy-destination.js'

/**
 * The destinations that may be asked for: a list of `host:port`, `[v6]:port`, `host:*` and `*:port`, of which one has to
 * match, or `any` or `none` alone; or a function, of which anything but `true` refuses, as does throwing.
 * Names are compared without regard to case; there are no other patterns. An empty list permits nothing.
 */
export type Permit = readonly string[] | ((to: Address) => boolean | Promise<boolean>)

/** Resolves for a destination that may be asked for; else rejects with DESTINATION_NOT_PERMITTED, or when aborted. */
export type PermitCheck = (to: Address, signal?: AbortSignal) => Promise<void>

/** Reads a {@link Permit}; `undefined` permits all. Throws a `ConfigError` that names `origin` for what it cannot read. */
export function readPermit(permit: Permit | undefined, origin = 'option permit'): PermitCheck {
  const permits = permitFunction(permit, origin)
  return async (to, signal) => {
    let isPermitted: unknown
    try {
      // Its answer may never come; whoever asked may be gone by then.
      isPermitted = await unlessAborted(signal, () => permits(to))
    } catch (cause) {
      signal?.throwIfAborted()
      throw notPermitted(to, cause)
    }
    if (isPermitted !== true) throw notPermitted(to)
  }
}

function permitFunction(permit: Permit | undefined, origin: string): (to: Address) => unknown {
  if (permit === undefined) return () => true
  if (typeof permit === 'function') return permit
  if (!Array.isArray(permit)) throw invalid(origin, 'must be a list of host:port, or a function')
  const [only] = permit
  if (permit.length === 1 && only === 'any') return () => true
  if (permit.length === 1 && only === 'none') return () => false
  const rules = permit.map((text: unknown) => readRule(text, origin))
  return (to) => 'host' in to && rules.some((rule) => matches(rule, to))
}

/** Without a host, or a port, for any. */
interface Rule {
  readonly host: string | undefined
  readonly port: number | undefined
}

function readRule(text: unknown, origin: string): Rule {
  const wrong = (what: string) => invalid(origin, `${printable(JSON.stringify(text) ?? 'undefined')} ${what}`)
  if (text === 'any' || text === 'none') throw wrong('must stand alone')
  const [, hostText = '', portText = ''] =
    typeof text === 'string' ? (/^(\*|\[[^[\]]+\]|[^:*[\]]+):(\*|\d{1,5})$/.exec(text) ?? []) : []
  if (hostText === '') throw wrong('is not host:port; write IPv6 addresses as [address]:port, and * for any')
  const port = portText === '*' ? undefined : Number(portText)
  const to = findDestination(hostText === '*' ? 'any' : hostText, port ?? 1)
  if (to === undefined) throw wrong('has no host or no port that there can be')
  return { host: hostText === '*' ? undefined : to.host.toLowerCase(), port }
}

function matches(rule: Rule, to: { readonly host: string; readonly port: number }): boolean {
  if (rule.port !== undefined && rule.port !== to.port) return false
  if (rule.host === undefined) return true
  return rule.host === (findDestination(to.host, to.port)?.host ?? to.host).toLowerCase()
}

function notPermitted(to: Address, cause?: unknown): SallyportError {
  const what = `the forward does not permit ${printable(formatAddress(to))}`
  return new SallyportError('DESTINATION_NOT_PERMITTED', what, { cause })
}
