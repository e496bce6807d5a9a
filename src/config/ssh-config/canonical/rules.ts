// The rules of canonicalisation that have been obtained for a host, with ssh's defaults for what was not said.

import type { Collected } from '../evaluate/collected.js'
import type { CanonicalRules } from './canonical.js'

/** `proxied` says whether there is a gateway, where that is not for ssh_config to say. */
export function rulesOf(
  collected: Collected,
  { proxied }: { readonly proxied: boolean | undefined },
): CanonicalRules {
  const { find } = collected
  const wordsOf = (keyword: 'CanonicalDomains' | 'CanonicalizePermittedCNAMEs') =>
    (collected.values.get(keyword)?.[0]?.words ?? []).filter((word) => word.toLowerCase() !== 'none')
  const wish = find('CanonicalizeHostname')
  const family = find('AddressFamily')
  // ssh takes even `ProxyJump none` for a proxy here.
  const isDirect =
    (find('ProxyCommand') ?? 'none').toLowerCase() === 'none' && find('ProxyJump') === undefined
  return {
    canonicalize: wish === 'always' ? wish : wish === 'true' ? 'yes' : 'no',
    isDirect: proxied === undefined ? isDirect : !proxied,
    domains: wordsOf('CanonicalDomains'),
    maxDots: Number(find('CanonicalizeMaxDots') ?? 1),
    fallsBackToLocal: find('CanonicalizeFallbackLocal') !== 'no',
    family: family === 'inet' ? 4 : family === 'inet6' ? 6 : 0,
    permittedAliases: wordsOf('CanonicalizePermittedCNAMEs'),
  }
}
