// What authenticating to one hop needs to know, and what each method yields. Everything here is about a single hop:
// nothing of another hop's settings, secrets or keys can be reached from it.

import type { Ask } from '../config/callbacks.js'
import type { Settings } from '../config/settings.js'
import type { HopRef } from '../errors.js'
import type { AuthAttempt, Wire } from '../wire/wire.js'

export interface AuthContext {
  readonly hop: HopRef
  /** The hop's own; only those about authentication are used. */
  readonly settings: Settings
  /** Asks a person; pauses the clock of the phase meanwhile. `undefined` when nobody may be asked. */
  readonly ask: Ask | undefined
  /** Runs what waits for people, or may: the caller's functions and agents. The clock of the phase stands still. */
  readonly pausedDuring: <T>(work: () => Promise<T>) => Promise<T>
  /** Ends everything that is pending; its reason becomes the error. */
  readonly signal: AbortSignal
  readonly keys: Pick<Wire, 'parsePrivateKey' | 'parsePublicKey'>
  /** False: no password and no keyboard-interactive on this hop, as a changed host key was accepted. Asked each time. */
  readonly secretsAllowed: () => boolean
  /** Those of the settings' key files that need not exist: what ssh_config names. */
  readonly optionalFiles: ReadonlySet<string>
  /** For `SSH_AUTH_SOCK`, the variables that `identityAgent` names, and `HOME`. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** One credential that is ready to be offered. */
export interface Offer {
  readonly attempt: AuthAttempt
  /** Tells credentials apart: one that the server has accepted as a part is not offered again. */
  readonly id: string
  readonly fingerprint?: string | undefined
  /** A file name, `agent`, `option password`, `asked`. */
  readonly source?: string | undefined
}

/** One method's credentials in their order. Called again after a partial success. */
export type Offers = () => AsyncGenerator<Offer, void, void>
