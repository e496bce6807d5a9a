// THE decision whether an offered host key is accepted. In this order: revoked keys, pinned fingerprints, the
// callback, known_hosts, and for what known_hosts does not have, strictHostKeyChecking (ssh_config(5)).

import type { Ask } from '../config/callbacks.js'
import type { Settings } from '../config/settings.js'
import { type AcceptedHostKey, reportWarning } from '../diagnostics.js'
import { SallyportError } from '../errors.js'
import { printable } from '../printable.js'
import { findRsaShortcoming } from '../rsa-size.js'
import { personAccepts } from './ask-person.js'
import { type HostRecord, hasKey, hostKeyStatus, type KnownKey } from './host-record.js'
import { isRecordableName, type NewEntry, recordHostKey } from './record.js'
import {
  certificateOnly,
  changedKey,
  describeKey,
  type OfferedKey,
  refusedKey,
  revokedKey,
  toKnownKeyRef,
  unknownKey,
  unreadableRecord,
} from './refusals.js'

/** What the decision about one hop rests on. */
export interface Rules {
  readonly settings: Settings
  /** The fingerprints of `hostKeyFingerprints` in their one right form; `undefined` when none were given. */
  readonly pins: ReadonlySet<string> | undefined
  /** The keys of `revokedHostKeys`. */
  readonly revokedKeys: readonly KnownKey[]
  readonly ask: Ask | undefined
  /** The hop's numeric address, where this machine has connected to it itself; known by the time of the decision. */
  readonly remoteAddress: () => string | undefined
  readonly signal: AbortSignal
}

/** Why a key was accepted, and how far it is trusted: `without secrets` after a changed key was let through. */
export interface Verdict {
  readonly by: AcceptedHostKey['by']
  readonly trust: 'full' | 'without secrets'
}

/** Resolves when the key is accepted, and rejects otherwise; whatever goes wrong on the way refuses. */
export async function decide(rules: Rules, offer: OfferedKey): Promise<Verdict> {
  const { settings, pins } = rules
  const { key, record } = offer
  const revoking = [...record.revoked, ...rules.revokedKeys].filter((revoked) => hasKey([revoked], key))
  if (revoking.length > 0) throw revokedKey(offer, revoking)
  const shortcoming = findRsaShortcoming(key.blob, settings.requiredRsaSize)
  if (shortcoming !== undefined) {
    throw refusedKey(offer, { what: `it is ${shortcoming}`, hint: 'see requiredRsaSize' })
  }
  if (pins !== undefined && !pins.has(key.fingerprint)) {
    throw refusedKey(offer, {
      what: 'it is none of the pinned fingerprints',
      hint: 'if another of its keys is pinned, ask for that type with hostKeyAlgorithms',
    })
  }
  if (settings.verifyHostKey !== undefined) return await decideByCallback(rules, offer)
  if (pins !== undefined) return { by: 'hostKeyFingerprints', trust: 'full' }

  const status = hostKeyStatus(record, key)
  if (status === 'known') return { by: 'known_hosts', trust: 'full' }
  if (isExemptLocalhost(rules)) return { by: 'noHostAuthenticationForLocalhost', trust: 'full' }
  if (status === 'changed') return decideChanged(rules, offer, record.known)
  if (record.authorities.length > 0) throw certificateOnly(offer)
  return await decideUnknown(rules, offer)
}

// Through a tunnel that ends here, every host has the address of this machine: ssh_config(5).
function isExemptLocalhost({ settings, remoteAddress }: Rules): boolean {
  if (!settings.noHostAuthenticationForLocalhost || settings.hostKeyAlias !== undefined) return false
  return /^(?:127\.|::1$|::ffff:127\.)/.test(remoteAddress() ?? '')
}

async function decideByCallback(rules: Rules, offer: OfferedKey): Promise<Verdict> {
  const { hop, key, record } = offer
  const answer: unknown = await Promise.resolve()
    .then(() =>
      rules.settings.verifyHostKey?.({
        hop,
        lookupName: record.lookupName,
        key: { type: key.type, fingerprint: key.fingerprint },
        base64: key.blob.toString('base64'),
        status: hostKeyStatus(record, key),
        known: record.known.map(toKnownKeyRef),
      }),
    )
    .catch((cause: unknown) => {
      throw refusedKey(offer, { what: 'verifyHostKey failed', cause })
    })
  if (answer === 'accept and record') await remember(rules, offer, 'add')
  else if (answer !== 'accept') throw refusedKey(offer, { what: 'verifyHostKey did not accept it' })
  return { by: 'verifyHostKey', trust: 'full' }
}

function decideChanged(rules: Rules, offer: OfferedKey, known: readonly KnownKey[]): Verdict {
  const error = changedKey(offer, known)
  if (rules.settings.strictHostKeyChecking !== 'no') throw error
  reportWarning({
    hop: offer.hop,
    message: `${error.message}; accepted by strictHostKeyChecking no, without passwords and agent forwarding`,
  })
  return { by: 'strictHostKeyChecking', trust: 'without secrets' }
}

async function decideUnknown(rules: Rules, offer: OfferedKey): Promise<Verdict> {
  const policy = rules.settings.strictHostKeyChecking
  if (policy === 'yes') {
    throw unknownKey(offer, "pin it with hostKeyFingerprints, or record it with strictHostKeyChecking 'ask'")
  }
  if (policy === 'ask') await askPerson(rules, offer)
  else if (offer.record.unreadFiles.length > 0) throw unreadableRecord(offer)
  else if (offer.record.recordFile === undefined) {
    // As with ssh: what no file can take would be new each time, and nobody sees it.
    throw unknownKey(offer, 'name a file for it in userKnownHostsFile, or pin it with hostKeyFingerprints')
  }
  if (policy === 'no') {
    reportWarning({
      hop: offer.hop,
      message: `accepted the unknown host key ${describeKey(offer.key)} by strictHostKeyChecking no`,
    })
  }
  const others = await remember(rules, offer, 'leave')
  if (others.length > 0) return decideChanged(rules, offer, others)
  return { by: policy === 'ask' ? 'ask' : 'strictHostKeyChecking', trust: 'full' }
}

async function askPerson({ ask, signal }: Rules, offer: OfferedKey): Promise<void> {
  if (ask === undefined) {
    throw unknownKey(offer, 'pin it with hostKeyFingerprints; nobody can be asked about it here')
  }
  const accepted = await personAccepts(ask, offer, { signal }).catch((cause: unknown) => {
    throw cause instanceof SallyportError
      ? cause
      : refusedKey(offer, { what: 'asking about it failed', cause })
  })
  if (!accepted) throw refusedKey(offer, { what: 'the person asked did not accept it' })
}

/** Records an accepted key. A file that cannot be written is a warning, as in OpenSSH: the key was accepted. */
async function remember(
  { settings, signal }: Rules,
  { hop, key, record }: OfferedKey,
  besideOthers: NewEntry['besideOthers'],
): Promise<readonly KnownKey[]> {
  const problem = findObstacle(record)
  if (problem === undefined && record.recordFile !== undefined) {
    const entry = { name: record.lookupName, key, hashed: settings.hashKnownHosts, besideOthers }
    try {
      return await recordHostKey(record.recordFile, entry, { signal })
    } catch (error) {
      signal.throwIfAborted()
      const reason = error instanceof Error ? error.message : String(error)
      reportWarning({ hop, message: notRecorded(`${record.recordFile}: ${reason}`) })
      return []
    }
  }
  reportWarning({ hop, message: notRecorded(problem ?? '') })
  return []
}

function findObstacle({ recordFile, lookupName }: HostRecord): string | undefined {
  if (recordFile === undefined) return 'userKnownHostsFile names no file'
  return isRecordableName(lookupName) ? undefined : `${lookupName} cannot stand in known_hosts`
}

function notRecorded(why: string): string {
  return `the host key was accepted but could not be recorded: ${printable(why, 1000)}`
}
