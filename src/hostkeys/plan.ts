// The entry to this folder: for one hop, which host key algorithms to offer and whether the offered key is accepted.
// All files are read here, before the network is used. The decision itself is policy.ts.

import type { Ask } from '../config/callbacks.js'
import type { Settings } from '../config/settings.js'
import { type AcceptedHostKey, reportWarning } from '../diagnostics.js'
import { type HopRef, SallyportError } from '../errors.js'
import { fingerprintOf } from '../fingerprint.js'
import { printable } from '../printable.js'
import type { OfferedHostKey } from '../wire/wire.js'
import { findHostKeyAlgorithms, type HostKeyAlgorithms } from './algorithms.js'
import { type HostRecord, readHostRecord, vouchingFor } from './host-record.js'
import { decide, type Rules, type Verdict } from './policy.js'
import { findHostKey, type HostKey, isPlainKeyType } from './public-key.js'
import { changedWithinConnection, type OfferedKey, refusedKey, toKnownKeyRef } from './refusals.js'
import { readRevokedKeys } from './revoked-keys.js'
import { untilAborted } from './until-aborted.js'

/** One hop, as far as its host key is concerned. */
export interface HostKeyContext {
  readonly hop: HopRef
  /** The host that is connected to (HostName where there is one), in any case. */
  readonly hostName: string
  readonly port: number
  /** Only the settings about host keys are used; `ask` is not. */
  readonly settings: Settings
  /** Asks a person; expected to stop the clock of the phase meanwhile. */
  readonly ask: Ask | undefined
  /** The host key algorithms to offer; `undefined` for the usual ones. */
  readonly algorithms: HostKeyAlgorithms | undefined
  /** The hop's numeric address, where this machine has connected to it itself. Asked for when a key is judged. */
  readonly remoteAddress: () => string | undefined
  /** Cuts every wait here short, with its reason where that is an error of this library. */
  readonly signal: AbortSignal
}

export interface HostKeyPlan {
  /** The algorithms to offer, those of known keys first; `undefined` leaves the engine's own list. */
  readonly algorithms: readonly string[] | undefined
  /**
   * Resolves when the key is accepted, and tells why. Rejects with `HostKeyError`, or with what aborted it, and refuses
   * the key whenever anything goes wrong. Later calls (a rekey) must bring the key of the first, or are HOST_KEY_CHANGED.
   */
  verify(key: OfferedHostKey): Promise<AcceptedHostKey>
  /**
   * False once a changed key was accepted by strictHostKeyChecking `no`: then neither passwords, nor answers, nor
   * the agent may be given to this hop, as in OpenSSH.
   */
  readonly secretsAllowed: boolean
}

/**
 * Reads what is on record about the hop's host. Rejects with `ConfigError` for settings that cannot be honoured and
 * with KNOWN_HOSTS_UNUSABLE for a file of revoked keys that cannot be read. Holds nothing open.
 */
export async function planHostKeys(context: HostKeyContext): Promise<HostKeyPlan> {
  const { hop, settings, ask, signal, algorithms, remoteAddress } = context
  const pins = settings.hostKeyFingerprints && new Set(settings.hostKeyFingerprints)
  const [revokedKeys, record] = await untilAborted(context, () =>
    Promise.all([readRevokedKeys(settings, hop), readHostRecord(settings, context)]),
  )
  for (const { where, problem } of [...record.unreadFiles, ...record.brokenLines]) {
    reportWarning({ hop, message: `ignored ${printable(where, 1000)}: ${printable(problem)}` })
  }
  const rules = { settings, pins, revokedKeys, ask, remoteAddress, signal }
  return new Verifier(rules, { hop, record, algorithms })
}

class Verifier implements HostKeyPlan {
  readonly algorithms: readonly string[] | undefined
  readonly #rules: Rules
  readonly #hop: HopRef
  readonly #record: HostRecord
  #first: { readonly key: HostKey; readonly verdict: Promise<Verdict> } | undefined
  #secretsAllowed = true

  constructor(
    rules: Rules,
    context: Pick<HostKeyContext, 'hop' | 'algorithms'> & { readonly record: HostRecord },
  ) {
    const { hop, record, algorithms } = context
    this.#rules = rules
    this.#hop = hop
    this.#record = record
    const keys = record.known.length > 0 ? record.known : record.withoutPort
    this.algorithms = findHostKeyAlgorithms(
      algorithms,
      rules.pins === undefined ? keys.map(({ type }) => type) : [],
    )
  }

  get secretsAllowed(): boolean {
    return this.#secretsAllowed
  }

  async verify(offered: OfferedHostKey): Promise<AcceptedHostKey> {
    const offer = this.#read(offered)
    if (this.#first === undefined) {
      this.#first = { key: offer.key, verdict: this.#decide(offer) }
    } else if (!this.#first.key.blob.equals(offer.key.blob)) {
      throw changedWithinConnection(offer, this.#first.key)
    }
    const { by, trust } = await this.#first.verdict
    if (trust !== 'full') this.#secretsAllowed = false
    const { type, fingerprint } = offer.key
    const known = by === 'known_hosts' ? vouchingFor(this.#record, offer.key).map(toKnownKeyRef) : []
    return { type, fingerprint, by, known }
  }

  #read(offered: OfferedHostKey): OfferedKey {
    const { type } = offered
    // A copy: the engine may use the memory again, and the key is compared with that of a later rekey.
    const blob = Buffer.from(offered.blob)
    const key = isPlainKeyType(type) ? findHostKey(type, blob) : undefined
    if (key !== undefined) return { hop: this.#hop, key, record: this.#record }
    const malformed = { type, blob, fingerprint: fingerprintOf(blob) }
    throw refusedKey(
      { hop: this.#hop, key: malformed, record: this.#record },
      { what: 'it is no well-formed key of a supported type' },
    )
  }

  async #decide(offer: OfferedKey): Promise<Verdict> {
    try {
      return await untilAborted({ signal: this.#rules.signal, hop: offer.hop }, () =>
        decide(this.#rules, offer),
      )
    } catch (error) {
      if (error instanceof SallyportError) throw error
      throw refusedKey(offer, { what: 'it could not be checked', cause: error })
    }
  }
}
