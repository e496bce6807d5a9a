// Public host keys: their text form, and the one right encoding of each type. Keys are compared byte by byte, so
// that a second encoding of the same key must not exist: it would slip past a revocation.

import type { KeyRef } from '../errors.js'
import { fingerprintOf } from '../fingerprint.js'

/** A public key that is encoded as its type demands. */
export interface HostKey extends KeyRef {
  /** The key as it goes over the wire (RFC 4253 6.6). */
  readonly blob: Buffer
}

type FieldsAreRight = (fields: readonly Buffer[]) => boolean

const encodings: ReadonlyMap<string, FieldsAreRight> = new Map([
  ['ssh-ed25519', ([key, ...rest]) => key?.length === 32 && rest.length === 0],
  ['ssh-rsa', (fields) => fields.length === 2 && fields.every(isMinimalPositive)],
  ['ssh-dss', (fields) => fields.length === 4 && fields.every(isMinimalPositive)],
  ['ecdsa-sha2-nistp256', isPointOn('nistp256', 32)],
  ['ecdsa-sha2-nistp384', isPointOn('nistp384', 48)],
  ['ecdsa-sha2-nistp521', isPointOn('nistp521', 66)],
])

/**
 * Reads the wire form of a key that says to be of `type`; `undefined` when it is not encoded as that type demands
 * (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4). Types that are not known here are taken when they have any fields.
 */
export function findHostKey(type: string, blob: Buffer): HostKey | undefined {
  const [name, ...fields] = findFields(blob) ?? []
  if (name === undefined || fields.length === 0 || name.toString('latin1') !== type) return undefined
  const right = encodings.get(type)
  if (right !== undefined && !right(fields)) return undefined
  return { type, blob, fingerprint: fingerprintOf(blob) }
}

/** Reads `type base64 comment`, as in known_hosts and in .pub files; `undefined` when it is no key. */
export function findHostKeyInText(text: string): HostKey | undefined {
  const [type, base64] = text.split(/[ \t]+/, 2)
  if (type === undefined || base64 === undefined || base64.length % 4 !== 0) return undefined
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined
  return findHostKey(type, Buffer.from(base64, 'base64'))
}

/** Whether the type is one whose encoding is checked: the ones that a server may offer. */
export function isPlainKeyType(type: string): boolean {
  return encodings.has(type)
}

/** `ED25519`, `ECDSA`, `RSA`, `DSA`: the type for people; other types as they are. */
export function keyTypeLabel(type: string): string {
  if (type.startsWith('ecdsa-sha2-')) return 'ECDSA'
  return { 'ssh-ed25519': 'ED25519', 'ssh-rsa': 'RSA', 'ssh-dss': 'DSA' }[type] ?? type
}

function findFields(blob: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = []
  let at = 0
  while (at < blob.length) {
    if (blob.length - at < 4) return undefined
    const end = at + 4 + blob.readUInt32BE(at)
    if (end > blob.length) return undefined
    fields.push(blob.subarray(at + 4, end))
    at = end
  }
  return fields
}

/** An mpint above zero without needless bytes (RFC 4251 5). */
function isMinimalPositive(field: Buffer): boolean {
  const [first, second = 0] = field
  if (first === undefined || first >= 0x80) return false
  return first !== 0 || second >= 0x80
}

function isPointOn(curve: string, coordinateBytes: number): FieldsAreRight {
  return ([name, point, ...rest]) =>
    name?.toString('latin1') === curve &&
    point?.[0] === 4 &&
    point.length === 1 + 2 * coordinateBytes &&
    rest.length === 0
}
