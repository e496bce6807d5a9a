// What the folders above get from a hop: its session for a while, counted, so that the hop knows when it is idle.

import type { CallOptions } from '../dialer.js'
import type { HopRef } from '../errors.js'
import type { Session } from '../wire/wire.js'

/** The use of an open hop by one piece of work. While it lasts the process stays alive and the hop counts as used. */
export interface Lease {
  readonly hop: HopRef
  readonly session: Session
  readonly terms: SessionTerms
  /** Lets the process end although this use lasts. The hop counts as used all the same. */
  unref(): void
  /** Takes `unref` back. */
  ref(): void
  /** Ends the use. Idempotent. */
  release(): void
}

/** What the hop's settings say about the commands and shells on it. */
export interface SessionTerms {
  /** Variables to send along. */
  readonly env: Readonly<Record<string, string>>
  /** What a shell runs in place of the login shell; then no other command may be run. */
  readonly remoteCommand: string | undefined
  readonly requestTty: 'auto' | 'no' | 'yes' | 'force'
  /** With another than `default`, neither commands nor shells may be run. */
  readonly sessionType: 'default' | 'none' | 'subsystem'
  readonly forwarding: ForwardingTerms
}

/** What the hop's settings say about forwards that do not say it themselves. */
export interface ForwardingTerms {
  /** Local and dynamic forwards may listen on addresses that others can reach. */
  readonly gatewayPorts: boolean
  /** The destinations, `host:port`, that the far side may ask a remote SOCKS forward for; `undefined` for all. */
  readonly permitRemoteOpen: readonly string[] | undefined
  /** The mode bits that a unix socket made here does not get. */
  readonly streamLocalBindMask: number
  /** Remove what is there before a unix socket is made here. */
  readonly streamLocalBindUnlink: boolean
}

export interface AcquireOptions extends CallOptions {
  /** Is told the hop's terms before anything is opened; what it throws rejects. */
  readonly check?: ((terms: SessionTerms) => unknown) | undefined
}

/** Opens the hop if need be, and leases it. Rejects like `Connection.open`. */
export type Acquire = (options: AcquireOptions) => Promise<Lease>
