// The canonical name of a host, where ssh_config(5) CanonicalizeHostname asks for it. Names are looked up through a
// function that is passed in; which settings are in force is the caller's to say.

import { ConfigError } from '../../../errors.js'
import { printable } from '../../../printable.js'
import { asciiLowerCase } from '../../ascii-lower-case.js'
import { matchesHostList } from '../../pattern.js'
import { findAddress, looksLikeAddress } from './address.js'

/** What the CanonicalizeHostname family says, with its defaults. */
export interface CanonicalRules {
  readonly canonicalize: 'no' | 'yes' | 'always'
  /** The host is reached without a proxy. */
  readonly isDirect: boolean
  readonly domains: readonly string[]
  readonly maxDots: number
  readonly fallsBackToLocal: boolean
  /** AddressFamily; 0 for any. */
  readonly family: 0 | 4 | 6
  /** CanonicalizePermittedCNAMEs: `source list:target list`, or `*` for all. */
  readonly permittedAliases: readonly string[]
}

/** Asks for a name's addresses; undefined where there are none. The answer is the name at the end of its aliases. */
export type FindName = (
  name: string,
  options: { readonly followsAliases: boolean; readonly family: 0 | 4 | 6 },
) => Promise<string | undefined>

/**
 * The name to connect to: an address in its canonical form, a name in lower case, and completed and followed as far as
 * the rules permit. Rejects with {@link ConfigError} NAME_NOT_FOUND for a name that the rules demand to be found.
 */
export async function canonicalName(host: string, rules: CanonicalRules, find: FindName): Promise<string> {
  const address = findAddress(host)
  if (address !== undefined) return address
  if (looksLikeAddress(host)) return host
  const name = asciiLowerCase(host)
  const isForced = rules.canonicalize === 'always'
  const completed =
    rules.canonicalize !== 'no' && (rules.isDirect || isForced)
      ? await complete(name, rules, find)
      : undefined
  if (completed !== undefined) return completed
  if (!followsAliases(rules) || !(rules.isDirect || isForced)) return name
  const target = await find(name, { followsAliases: true, family: rules.family })
  if (target === undefined && rules.isDirect) throw notFound(name)
  return target === undefined ? name : followed(name, target, rules)
}

async function complete(name: string, rules: CanonicalRules, find: FindName): Promise<string | undefined> {
  const isAnchored = name.endsWith('.')
  if (!isAnchored && name.split('.').length - 1 > rules.maxDots) return undefined
  const candidates = isAnchored ? [name.slice(0, -1)] : rules.domains.map((domain) => `${name}.${domain}`)
  for (const candidate of candidates) {
    const target = await find(`${candidate}.`, {
      followsAliases: followsAliases(rules),
      family: rules.family,
    })
    if (target !== undefined) return followed(candidate, target, rules)
  }
  if (!rules.fallsBackToLocal) throw notFound(name)
  return undefined
}

function followsAliases({ permittedAliases }: CanonicalRules): boolean {
  return permittedAliases.length > 0
}

function followed(name: string, target: string, { canonicalize, permittedAliases }: CanonicalRules): string {
  if (canonicalize === 'no' || target === '' || target === name) return name
  const isPermitted = permittedAliases.some((rule) => {
    const at = rule.indexOf(':')
    const [sources, targets] = at < 0 ? [rule, rule] : [rule.slice(0, at), rule.slice(at + 1)]
    return matchesHostList(name, sources) && matchesHostList(target, targets)
  })
  return isPermitted ? target : name
}

function notFound(name: string): ConfigError {
  return new ConfigError('NAME_NOT_FOUND', `the name ${printable(name)} could not be resolved`, {
    phase: 'resolve',
  })
}
