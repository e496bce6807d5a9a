// When a caller stops waiting for a hop: by its own signal, or after its own time.

import { abortError, type Whereabouts } from '../aborted.js'
import { deferred } from '../deferred.js'
import type { CallOptions } from '../dialer.js'
import { ConnectError, type SallyportError } from '../errors.js'

export interface Departure {
  /** Resolves with the reason when the caller leaves; never rejects. */
  readonly left: Promise<SallyportError>
  /** Takes the timer and the listener away. */
  dispose(): void
}

/** Begins to watch a caller whose signal is not aborted yet. `where` is asked when it leaves. */
export function watchDeparture({ signal, timeoutMs }: CallOptions, where: () => Whereabouts): Departure {
  const { promise: left, resolve } = deferred<SallyportError>()
  const onAbort = () => resolve(abortError(signal?.reason, where()))
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
