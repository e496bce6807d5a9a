// Which signature algorithms keys may use when nobody names any, the keys of hosts as well as those of users.

/**
 * All that the engine has but `ssh-rsa`, which signs by SHA-1: OpenSSH takes it no more since 8.8. RSA keys sign by
 * `rsa-sha2-*` (RFC 8332). The best come first.
 */
export const usualSignatureAlgorithms: readonly string[] = Object.freeze([
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
])
