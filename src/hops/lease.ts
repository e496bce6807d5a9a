// What the folders above get from a hop: its session for a while, counted, so that the hop knows when it is idle.

import type { CallOptions } from '../dialer.js'
import type { HopRef } from '../errors.js'
import type { Session } from '../wire/wire.js'

/** The use of an open hop by one piece of work. While it lasts the process stays alive and the hop counts as used. */
export interface Lease {
  readonly hop: HopRef
  readonly session: Session
  /** Ends the use. Idempotent. */
  release(): void
}

/** Opens the hop if need be, and leases it. Rejects like `Connection.open`. */
export type Acquire = (options: CallOptions) => Promise<Lease>
