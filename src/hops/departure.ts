// When a caller stops waiting for a hop: by its own signal, or after its own time.

import { deferred } from '../deferred.js'
import type { CallOptions } from '../dialer.js'
import { AbortError, ConnectError, type HopRef, type Phase, SallyportError } from '../errors.js'

/** How far an attempt has come: the hop that is being opened, and its phase. */
export interface Whereabouts {
  readonly hop: HopRef
  readonly phase: Phase
}

export interface Departure {
  /** Resolves with the reason when the caller leaves; never rejects. */
  readonly left: Promise<SallyportError>
  /** Takes the timer and the listener away. */
  dispose(): void
}

/** Begins to watch a caller whose signal is not aborted yet. `where` is asked when it leaves. */
export function watchDeparture({ signal, timeoutMs }: CallOptions, where: () => Whereabouts): Departure {
  const { promise: left, resolve } = deferred<SallyportError>()
  const onAbort = () => resolve(abortReason(signal, where()))
  const onTime = () => resolve(new ConnectError('TIMEOUT', `not open within ${timeoutMs} ms`, where()))
  const timer = timeoutMs === undefined ? undefined : setTimeout(onTime, timeoutMs)
  signal?.addEventListener('abort', onAbort)
  return {
    left,
    dispose: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

/** The error for a caller whose signal is aborted. Errors of ours that know their hop pass as they are. */
export function abortReason(signal: AbortSignal | undefined, where: Whereabouts): SallyportError {
  const reason: unknown = signal?.reason
  if (!(reason instanceof SallyportError)) return new AbortError({ ...where, cause: reason })
  if (reason.hop !== undefined) return reason
  // The call that wraps this one did not know yet how far it would come.
  if (reason instanceof AbortError) return new AbortError({ ...where, cause: reason.cause })
  return new ConnectError(reason.code, reason.message, { ...where, cause: reason })
}
