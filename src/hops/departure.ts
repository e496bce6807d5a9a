// When a caller stops waiting for a hop: by its own signal, or after its own time.

import { deferred } from '../deferred.js'
import type { CallOptions } from '../dialer.js'
import type { SallyportError } from '../errors.js'

/** Makes the error for a caller that leaves: by its own signal, or after `timeoutMs`. */
export type LeaveReason = (signal: AbortSignal | undefined, timeoutMs: number | undefined) => SallyportError

export interface Departure {
  /** Resolves with the reason when the caller leaves; never rejects. */
  readonly left: Promise<SallyportError>
  /** Takes the timer and the listener away. */
  dispose(): void
}

/** Begins to watch a caller whose signal is not aborted yet. */
export function watchDeparture({ signal, timeoutMs }: CallOptions, reason: LeaveReason): Departure {
  const { promise: left, resolve } = deferred<SallyportError>()
  const onAbort = () => resolve(reason(signal, undefined))
  const onTime = () => resolve(reason(undefined, timeoutMs))
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
