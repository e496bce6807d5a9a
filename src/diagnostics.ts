// What the library tells about itself: typed events on node:diagnostics_channel, and NODE_DEBUG=sallyport.
// Both cost nothing when nobody listens.

import { channel } from 'node:diagnostics_channel'
import { debuglog } from 'node:util'
import { type Address, formatAddress } from './dialer.js'
import {
  type AuthAttemptRef,
  formatHop,
  type HopRef,
  type KeyRef,
  type KnownKeyRef,
  type Phase,
  type SallyportError,
} from './errors.js'

/** Channel `sallyport:phase`: a hop went through a phase of being opened. Published at the end of each phase. */
export interface PhaseEvent {
  readonly hop: HopRef
  readonly phase: Phase
  /** Milliseconds, without the time in which a person was asked. */
  readonly durationMs: number
  /** Why the phase failed; absent when it went well. */
  readonly error?: SallyportError | undefined
  /** What was learned: the address connected to, the server's version, the algorithms, the method that was accepted. */
  readonly detail?: string | undefined
  /** The same and more, for programs. What is foreign in it is as the server sent it. */
  readonly learned: PhaseFacts
}

/** What the phases of a hop learn. Each is there in the phase that learned it, also where that phase then failed. */
export interface PhaseFacts {
  /** `dial` over TCP: the numeric addresses of the host, in the order in which they are tried. */
  readonly addresses?: readonly string[] | undefined
  /** `dial` over TCP: the milliseconds that the look-up of the addresses took, as a part of the phase. */
  readonly lookupMs?: number | undefined
  /** `version`: the server's version line after `SSH-2.0-`. */
  readonly serverVersion?: string | undefined
  /** `key-exchange`, at its second end. */
  readonly algorithms?: NegotiatedAlgorithms | undefined
  /** `host-key`, once it is accepted; a refused one is in the error. */
  readonly hostKey?: AcceptedHostKey | undefined
  /** `authentication`: in the order in which they were offered or passed over. */
  readonly credentials?: readonly OfferedCredential[] | undefined
}

/** What was agreed on with a server; the names are those of RFC 4253 and its successors. */
export interface NegotiatedAlgorithms {
  readonly kex: string
  readonly hostKey: string
  readonly cipher: string
  /** Empty for a cipher that needs none. */
  readonly mac: string
  readonly compression: string
  /** Whether both sides keep the sequence numbers strictly (CVE-2023-48795). */
  readonly strictKex: boolean
}

/** A host key that was accepted, and by what. */
export interface AcceptedHostKey extends KeyRef {
  /** The setting that let it in; `known_hosts` for a key on record, `ask` for a person's word. */
  readonly by:
    | 'known_hosts'
    | 'hostKeyFingerprints'
    | 'verifyHostKey'
    | 'ask'
    | 'strictHostKeyChecking'
    | 'noHostAuthenticationForLocalhost'
  /** The lines of the known_hosts files that vouch for it. */
  readonly known: readonly KnownKeyRef[]
}

/** One credential and what became of it; `unanswered` when the attempt to log in ended before the server's answer. */
export interface OfferedCredential extends Omit<AuthAttemptRef, 'outcome'> {
  readonly outcome: AuthAttemptRef['outcome'] | 'accepted' | 'unanswered'
}

/** Channel `sallyport:hop`: a hop was opened, or ended. */
export interface HopEvent {
  readonly hop: HopRef
  readonly state: 'opening' | 'open' | 'closed' | 'lost' | 'failed'
  /** Milliseconds since the hop began to open. */
  readonly durationMs: number
  readonly error?: SallyportError | undefined
}

/** Channel `sallyport:channel`: something was opened or closed on a hop. */
export interface ChannelEvent {
  readonly hop: HopRef
  /** `forwarded`: what the server opens for a remote forward. */
  readonly kind: 'command' | 'shell' | 'sftp' | 'stream' | 'forwarded'
  readonly state: 'open' | 'closed' | 'refused'
  /** Where a stream leads, or was accepted. Commands are not told: they may hold secrets. */
  readonly address?: Address | undefined
  readonly durationMs: number
  readonly error?: SallyportError | undefined
}

/** Channel `sallyport:forward`: a forward began to listen, lost its connection, or ended. */
export interface ForwardEvent {
  /** The hop that is forwarded to, or that listens; `undefined` before it is known. */
  readonly hop?: HopRef | undefined
  readonly kind: 'local' | 'remote' | 'dynamic'
  readonly state: 'listening' | 'lost' | 'closed'
  /** Where it listens: here, or on the hop for a remote one. */
  readonly address: Address
  readonly error?: SallyportError | undefined
}

/** Channel `sallyport:warning`: something unsafe or forgotten that did not fail. */
export interface WarningEvent {
  readonly hop?: HopRef | undefined
  readonly message: string
}

const phases = channel('sallyport:phase')
const hops = channel('sallyport:hop')
const channels = channel('sallyport:channel')
const forwards = channel('sallyport:forward')
const warnings = channel('sallyport:warning')
const debug = debuglog('sallyport')

export function reportPhase(event: PhaseEvent): void {
  if (phases.hasSubscribers) phases.publish(event)
  if (debug.enabled) {
    debug('%s %s %sms%s', formatHop(event.hop), event.phase, event.durationMs.toFixed(1), outcome(event))
  }
}

export function reportHop(event: HopEvent): void {
  if (hops.hasSubscribers) hops.publish(event)
  if (debug.enabled) debug('%s %s%s', formatHop(event.hop), event.state, outcome(event))
}

export function reportChannel(event: ChannelEvent): void {
  if (channels.hasSubscribers) channels.publish(event)
  if (debug.enabled) {
    const where = event.address === undefined ? '' : ` to ${formatAddress(event.address)}`
    debug('%s %s%s %s%s', formatHop(event.hop), event.kind, where, event.state, outcome(event))
  }
}

export function reportForward(event: ForwardEvent): void {
  if (forwards.hasSubscribers) forwards.publish(event)
  if (debug.enabled) {
    const of = event.hop === undefined ? '' : `${formatHop(event.hop)} `
    debug(
      '%s%s forward at %s %s%s',
      of,
      event.kind,
      formatAddress(event.address),
      event.state,
      outcome(event),
    )
  }
}

export function reportWarning(event: WarningEvent): void {
  if (warnings.hasSubscribers) warnings.publish(event)
  if (debug.enabled) {
    // A banner has lines of its own, none of which may look like one of ours.
    const message = event.message.replaceAll('\n', '\n    ')
    debug('warning: %s%s', event.hop === undefined ? '' : `${formatHop(event.hop)}: `, message)
  }
}

function outcome(event: {
  readonly error?: SallyportError | undefined
  readonly detail?: string | undefined
}): string {
  if (event.error !== undefined) return ` failed: ${event.error.code}: ${event.error.message}`
  return event.detail === undefined ? '' : ` (${event.detail})`
}
