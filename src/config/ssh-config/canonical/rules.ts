// The rules of canonicalisation that have been obtained for a host, with ssh's defaults for what was not said.

import type { SshConfigQuery } from '../answer.js'
import type { Collected } from '../evaluate/collected.js'
import type { CanonicalRules } from './canonical.js'

/** The rules; `query` may know of a gateway that ssh_config does not know of. */
export function rulesOf(
  collected: Collected,
  { proxied, proxiedOtherwise = false }: Pick<SshConfigQuery, 'proxied' | 'proxiedOtherwise'>,
): CanonicalRules {
  const { find } = collected
  const wordsOf = (keyword: 'CanonicalDomains' | 'CanonicalizePermittedCNAMEs') =>
    (collected.values.get(keyword)?.[0]?.words ?? []).filter((word) => word.toLowerCase() !== 'none')
  const wish = find('CanonicalizeHostname')
  const family = find('AddressFamily')
  const command = find('ProxyCommand')
  const isSilent = command === undefined && find('ProxyJump') === undefined
  // ssh takes even `ProxyJump none` for a proxy here.
  const isProxied = (command ?? 'none').toLowerCase() !== 'none' || find('ProxyJump') !== undefined
  return {
    canonicalize: wish === 'always' ? wish : wish === 'true' ? 'yes' : 'no',
    isDirect: !(proxied ?? (isSilent ? proxiedOtherwise : isProxied)),
    domains: wordsOf('CanonicalDomains'),
    maxDots: Number(find('CanonicalizeMaxDots') ?? 1),
    fallsBackToLocal: find('CanonicalizeFallbackLocal') !== 'no',
    family: family === 'inet' ? 4 : family === 'inet6' ? 6 : 0,
    permittedAliases: wordsOf('CanonicalizePermittedCNAMEs'),
  }
}
