// Public keys as they go over the wire (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4): which types can log in, and with
// which signature algorithms. Needs no engine.

import { fingerprintOf } from '../fingerprint.js'
import { sshReader } from './ssh-string.js'
import type { PublicKey } from './wire.js'

/** The curve of an ECDSA key type, as the key names it and as JWK does; how long a point is, in bytes. */
export const curves = {
  'ecdsa-sha2-nistp256': { name: 'nistp256', jwk: 'P-256', pointBytes: 65 },
  'ecdsa-sha2-nistp384': { name: 'nistp384', jwk: 'P-384', pointBytes: 97 },
  'ecdsa-sha2-nistp521': { name: 'nistp521', jwk: 'P-521', pointBytes: 133 },
} as const

/** The signature algorithms of each key type that can log in, with their hashes; ed25519 has its own. */
const algorithmsByType: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  'ssh-ed25519': { 'ssh-ed25519': null },
  'ecdsa-sha2-nistp256': { 'ecdsa-sha2-nistp256': 'sha256' },
  'ecdsa-sha2-nistp384': { 'ecdsa-sha2-nistp384': 'sha384' },
  'ecdsa-sha2-nistp521': { 'ecdsa-sha2-nistp521': 'sha512' },
  'ssh-rsa': { 'rsa-sha2-512': 'sha512', 'rsa-sha2-256': 'sha256', 'ssh-rsa': 'sha1' },
}

/** All that keys can sign with when they log in. */
export const loginAlgorithms: readonly string[] = Object.values(algorithmsByType).flatMap(Object.keys)

/** What keys of this type can sign with. */
export function algorithmsOf(type: string): readonly string[] {
  return isLoginType(type) ? Object.keys(algorithmsByType[type] ?? {}) : []
}

/** Whether keys of this type can be used to log in. */
export function isLoginType(type: string): boolean {
  return Object.hasOwn(algorithmsByType, type)
}

/** The hash that `algorithm` signs with, `null` for none of its own; throws when the key type has no such algorithm. */
export function hashOf(type: string, algorithm: string): string | null {
  const hash = algorithmsByType[type]?.[algorithm]
  if (hash === undefined) throw new TypeError(`a key of type ${type} cannot sign with ${algorithm}`)
  return hash
}

/** Reads a public key; `undefined` for a type that cannot be used to log in, and for one that is malformed. */
export function parsePublicKey(blob: Buffer): PublicKey | undefined {
  try {
    const reader = sshReader(blob)
    const type = reader.string().toString('latin1')
    const isWhole = isLoginType(type) && hasParts(type, reader) && reader.left() === 0
    return isWhole ? { type, blob, fingerprint: fingerprintOf(blob), comment: '' } : undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function hasParts(type: string, reader: ReturnType<typeof sshReader>): boolean {
  if (type === 'ssh-ed25519') return reader.string().length === 32
  if (type === 'ssh-rsa') return reader.string().length > 0 && reader.string().length > 0
  const curve = curves[type as keyof typeof curves]
  return reader.string().toString('latin1') === curve.name && reader.string().length === curve.pointBytes
}
