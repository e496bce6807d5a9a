// Names of domains and hosts in values: CanonicalDomains, CanonicalizePermittedCNAMEs, PermitRemoteOpen.

import { printable } from '../../../printable.js'
import { asciiLowerCase } from '../../ascii-lower-case.js'
import { type Arguments, Unacceptable } from '../keyword.js'
import { wordsOrNone } from './lists.js'
import { findPort } from './number.js'

/** Whether ssh takes it for the name of a domain: letters, digits, `-`, `_`, and single dots; the last may be a dot. */
export function isDomain(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]*$/i.test(name) && !name.includes('..')
}

/** CanonicalDomains: domains in lower case and without a dot at their end, or `none` alone. */
export function domainsOrNone(args: Arguments): readonly string[] {
  return atMost32(args).map((word) => {
    if (!isDomain(word)) throw new Unacceptable(`invalid domain name "${printable(word)}"`)
    return word.toLowerCase().replace(/\.$/, '')
  })
}

/** CanonicalizePermittedCNAMEs: `patterns:patterns`, `*` for all, or `none` alone. */
export function permittedCnames(args: Arguments): readonly string[] {
  return atMost32(args).map((word) => {
    const lower = asciiLowerCase(word)
    if (lower === 'none') return lower
    if (lower === '*') return '*:*'
    const colon = lower.indexOf(':')
    if (colon < 0 || colon === lower.length - 1) {
      throw new Unacceptable(`invalid permitted CNAME "${printable(word)}"`)
    }
    return lower
  })
}

/** readconf.h MAX_CANON_DOMAINS */
function atMost32(args: Arguments): readonly string[] {
  const words = wordsOrNone(args)
  if (words.length > 32) throw new Unacceptable('more than 32 values')
  return words
}

/** PermitRemoteOpen: `host:port`; the port may be `*`. */
export function permittedOpen(word: string): string {
  const [, port] = /^(?:\[[^\]]*\]|[^:/[][^:/]*)?:(.*)$/.exec(word) ?? []
  if (port !== '*' && (findPort(port ?? '') ?? 0) === 0)
    throw new Unacceptable(`bad port in "${printable(word)}"`)
  return word
}
