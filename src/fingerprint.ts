// How a public key is named in messages and compared by people.

import { createHash } from 'node:crypto'

/** `SHA256:` and unpadded base64 of the hash of a key's wire form, as `ssh-keygen -l` prints it. */
export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}
