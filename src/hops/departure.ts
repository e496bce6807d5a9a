// When a caller stops waiting for something that others wait for, too: by its own signal, or after its own time.

import { deferred } from '../deferred.js'
import type { CallOptions } from '../dialer.js'
import type { SallyportError } from '../errors.js'

export interface Departure {
  /** Resolves with the error for the caller when it leaves; never rejects. */
  readonly left: Promise<SallyportError>
  /** Takes the timer and the listener away. */
  dispose(): void
}

/** The errors for a caller that leaves; asked when it does. */
export interface Farewell {
  /** Its signal was aborted for `reason`. */
  readonly aborted: (reason: unknown) => SallyportError
  /** Its time is over. */
  readonly late: (timeoutMs: number) => SallyportError
}

/** Begins to watch a caller whose signal is not aborted yet. */
export function watchDeparture({ signal, timeoutMs }: CallOptions, farewell: Farewell): Departure {
  const { promise: left, resolve } = deferred<SallyportError>()
  const onAbort = () => resolve(farewell.aborted(signal?.reason))
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => resolve(farewell.late(timeoutMs)), timeoutMs)
  signal?.addEventListener('abort', onAbort)
  return {
    left,
    dispose: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    },
  }
}
