// Host names as HashKnownHosts writes them: `|1|salt|hash`, HMAC-SHA1 of the name with the salt as its key.

import { createHmac, randomBytes } from 'node:crypto'

const saltBytes = 20

/** A lower-cased host name as a hash; with a fresh salt unless one is given (ssh_config(5) HashKnownHosts). */
export function hashHostName(name: string, salt: Buffer = randomBytes(saltBytes)): string {
  const hash = createHmac('sha1', salt).update(name).digest('base64')
  return `|1|${salt.toString('base64')}|${hash}`
}

/** Whether a hashed name stands for this lower-cased host name. Anything that is no hashed name does not. */
export function matchesHashedName(name: string, hashed: string): boolean {
  const [before, version, salt, , ...rest] = hashed.split('|')
  if (before !== '' || version !== '1' || salt === undefined || rest.length > 0) return false
  const key = Buffer.from(salt, 'base64')
  return key.length === saltBytes && hashHostName(name, key) === hashed
}
