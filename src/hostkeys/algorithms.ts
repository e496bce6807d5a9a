// Which host key algorithms to offer, and in which order: a server that has several keys should show the one we know.

import { usualSignatureAlgorithms } from '../signature-algorithms.js'

/** A list that was given. */
export interface HostKeyAlgorithms {
  readonly names: readonly string[]
  /**
   * Whether it stands in an order that somebody wanted. Else the known key types come first, as with ssh where a list of
   * ssh_config only adds to OpenSSH's own or takes away from it.
   */
  readonly isOrdered: boolean
}

/**
 * The list that was given or else the usual one, with the algorithms of the known key types first; but a list in its
 * wanted order as it is. `undefined` when neither a list nor a key is known.
 */
export function findHostKeyAlgorithms(
  given: HostKeyAlgorithms | undefined,
  knownTypes: readonly string[],
): readonly string[] | undefined {
  if (given?.isOrdered) return given.names
  if (given === undefined && knownTypes.length === 0) return undefined
  const names = given?.names ?? usualSignatureAlgorithms
  const isKnown = (algorithm: string): boolean => knownTypes.includes(keyTypeOf(algorithm))
  return [...names.filter(isKnown), ...names.filter((name) => !isKnown(name))]
}

/** RSA keys sign by SHA-2 (RFC 8332), and by SHA-1 under their own name; the other types by one of their own name. */
function keyTypeOf(algorithm: string): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm
}
