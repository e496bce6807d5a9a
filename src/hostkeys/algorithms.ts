// Which host key algorithms to offer, and in which order: a server that has several keys should show the one we know.

const defaultAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

/**
 * A list that was given, as it is; else the default list with the algorithms of the known key types first;
 * `undefined` when nothing is known. Like OpenSSH, which trusts a list given by the user to be in the wanted order.
 */
export function findHostKeyAlgorithms(
  given: readonly string[] | undefined,
  knownTypes: readonly string[],
): readonly string[] | undefined {
  if (given !== undefined) return given
  if (knownTypes.length === 0) return undefined
  const isKnown = (algorithm: string): boolean => knownTypes.includes(keyTypeOf(algorithm))
  return [...defaultAlgorithms.filter(isKnown), ...defaultAlgorithms.filter((name) => !isKnown(name))]
}

/** RSA keys sign by SHA-2 (RFC 8332), and by SHA-1 under their own name; the other types by one of their own name. */
function keyTypeOf(algorithm: string): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm
}
