// The errors of a host key that was not accepted: what was offered, what is on record and where, and what to do.

import { type HopRef, HostKeyError, type KnownKeyRef } from '../errors.js'
import { printable } from '../printable.js'
import type { HostRecord, KnownKey } from './host-record.js'
import { type HostKey, keyTypeLabel } from './public-key.js'

/** What every refusal tells about. */
export interface OfferedKey {
  readonly hop: HopRef
  readonly key: HostKey
  readonly record: HostRecord
}

/** `ED25519 SHA256:…`, escapes made visible. */
export function describeKey(key: HostKey): string {
  return `${printable(keyTypeLabel(key.type))} ${key.fingerprint}`
}

/** No file has a key for this host; `how` says what would have let it in. */
export function unknownKey(offer: OfferedKey, how: string): HostKeyError {
  const { record } = offer
  const advice = `compare ${offer.key.fingerprint} with the host's own key over another channel, then ${how}`
  return refusal('HOST_KEY_UNKNOWN', offer, {
    what: `no host key is known for ${quoted(record.lookupName)}; it offered ${describeKey(offer.key)}`,
    known: [],
    hint: [
      advice,
      ...record.unreadFiles.map(({ where }) => `mend ${printable(where)}, which cannot be read`),
    ],
  })
}

/** Others are known; `known` has them. */
export function changedKey(offer: OfferedKey, known: readonly KnownKey[]): HostKeyError {
  const { hop, key, record } = offer
  const [first] = known
  const where = first === undefined ? 'another place' : formatPlace(first)
  const others = known.length > 1 ? ` and ${known.length - 1} more` : ''
  const removals = [...new Set(known.map(({ file }) => file))].map(
    (file) => `ssh-keygen -R ${shellQuoted(record.lookupName)} -f ${shellQuoted(file)}`,
  )
  return refusal('HOST_KEY_CHANGED', offer, {
    what:
      `the host key of ${quoted(record.lookupName)} has changed: it offered ${describeKey(key)}, ` +
      `and ${where}${others} has ${first === undefined ? 'another' : describeKey(first)}`,
    known,
    hint: [
      `someone may be listening in; if the change is genuine, remove the old key: ${removals.join('; ')}`,
      ...gatewayAdvice(hop),
    ],
  })
}

/** The key changed within a connection (RFC 4253 9 lets the server exchange keys again at any time). */
export function changedWithinConnection(offer: OfferedKey, first: HostKey): HostKeyError {
  return refusal('HOST_KEY_CHANGED', offer, {
    what:
      `the host key changed within the connection: first ${describeKey(first)}, ` +
      `then ${describeKey(offer.key)}`,
    known: [],
    hint: ['do not trust what came over this connection'],
  })
}

export function revokedKey(offer: OfferedKey, revoking: readonly KnownKey[]): HostKeyError {
  const where = revoking.map(formatPlace).join(', ')
  return refusal('HOST_KEY_REVOKED', offer, {
    what: `offered the revoked host key ${describeKey(offer.key)} (${where})`,
    known: revoking,
    hint: [],
  })
}

export function certificateOnly(offer: OfferedKey): HostKeyError {
  const { key, record } = offer
  const where = record.authorities.map(formatPlace).join(', ')
  return refusal('HOST_KEY_CERTIFICATE', offer, {
    what:
      `${quoted(record.lookupName)} is known by a certificate authority only (${where}), ` +
      `and host certificates are not supported; it offered the plain key ${describeKey(key)}`,
    known: record.authorities,
    hint: [`compare ${key.fingerprint} with the host's own key, then pin it with hostKeyFingerprints`],
  })
}

/** A pin, a callback or a person said no, or could not be asked properly. */
export function refusedKey(
  offer: OfferedKey,
  why: { readonly what: string; readonly hint?: string; readonly cause?: unknown },
): HostKeyError {
  return refusal('HOST_KEY_REFUSED', offer, {
    what: `host key ${describeKey(offer.key)} refused: ${why.what}`,
    known: offer.record.known,
    hint: why.hint === undefined ? [] : [why.hint],
    cause: why.cause,
  })
}

/** The policy would accept an unknown key, but a file that might know better cannot be read. */
export function unreadableRecord(offer: OfferedKey): HostKeyError {
  const files = offer.record.unreadFiles.map(
    ({ where, problem }) => `${printable(where)}: ${printable(problem)}`,
  )
  return refusal('KNOWN_HOSTS_UNUSABLE', offer, {
    what: `cannot accept an unknown host key unseen while known_hosts cannot be read: ${files.join('; ')}`,
    known: [],
    hint: ['mend the file, or leave it out of userKnownHostsFile and globalKnownHostsFile'],
  })
}

function refusal(
  code: ConstructorParameters<typeof HostKeyError>[0],
  { hop, key }: OfferedKey,
  details: {
    readonly what: string
    readonly known: readonly KnownKey[]
    readonly hint: readonly string[]
    readonly cause?: unknown
  },
): HostKeyError {
  return new HostKeyError(code, details.what, {
    hop,
    offered: { type: key.type, fingerprint: key.fingerprint },
    known: details.known.map(toKnownKeyRef),
    hint: details.hint.length === 0 ? undefined : details.hint.join('; '),
    cause: details.cause,
  })
}

/** A key on record as callers see it: without the bytes. */
export function toKnownKeyRef({ type, fingerprint, file, line }: KnownKey): KnownKeyRef {
  return { type, fingerprint, file, line }
}

/** Behind gateways one private name may stand for several machines. */
function gatewayAdvice(hop: HopRef): readonly string[] {
  if (hop.via === undefined) return []
  return [
    `this host is reached through ${printable(hop.via)}: if another host has the same name elsewhere, ` +
      'give each a HostKeyAlias (hostKeyAlias) of its own',
  ]
}

function formatPlace({ file, line }: KnownKeyRef): string {
  return `${printable(file)}:${line}`
}

function quoted(name: string): string {
  return `'${printable(name)}'`
}

function shellQuoted(text: string): string {
  return `'${printable(text, 4096).replaceAll("'", "'\\''")}'`
}
