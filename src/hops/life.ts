// One life of a hop: from the moment it is open until what carried it has been let go.

import type { Settings } from '../config/settings.js'
import { ConnectError, type HopRef } from '../errors.js'
import type { Session } from '../wire/wire.js'
import { type OpenHop, watchLiveness } from './keepalive.js'
import type { Lease } from './lease.js'
import type { OpenedHop } from './open-hop.js'
import { queuedSession } from './queued-session.js'

export class Life {
  readonly session: Session
  readonly #opened: OpenedHop
  readonly #gatewayLease: Lease | undefined
  readonly #startedAt: number
  #stopKeepalive: (() => void) | undefined

  constructor(
    opened: OpenedHop,
    options: {
      readonly hop: HopRef
      readonly gatewayLease: Lease | undefined
      readonly startedAt: number
    },
  ) {
    this.session = queuedSession(opened.session, { hop: options.hop })
    this.#opened = opened
    this.#gatewayLease = options.gatewayLease
    this.#startedAt = options.startedAt
  }

  /** Milliseconds since it began to open. */
  get ageMs(): number {
    return performance.now() - this.#startedAt
  }

  /** Whether it keeps the process alive. */
  setWorking(working: boolean): void {
    if (working) this.#opened.link.ref()
    else this.#opened.link.unref()
  }

  /**
   * Watches for a silent peer, which ends the session with an error that names the first hop that is silent: `hop`, or
   * one of those `before` it. Once is enough.
   */
  keepAlive(
    hop: HopRef,
    options: { readonly settings: Settings; readonly before: readonly OpenHop[] },
  ): void {
    const { settings, before } = options
    const watched = { hop, session: this.session }
    this.#stopKeepalive ??= watchLiveness(watched, {
      intervalMs: settings.serverAliveIntervalMs,
      countMax: settings.serverAliveCountMax,
      before,
      onSilent: (hop, silentMs) => {
        const what = `lost: no sign of life for ${Math.round(silentMs)} ms`
        void this.session.end(new ConnectError('CONNECTION_LOST', what, { hop, phase: 'session' }))
      },
    })
  }

  /** Lets go of all that carried it; resolves when nothing is left. Never rejects. */
  async bury(): Promise<void> {
    this.#stopKeepalive?.()
    await this.#opened.link.close()
    this.#gatewayLease?.release()
  }
}
