// A call's own limits, the caller's signal and timeoutMs, as one signal for the work below.

import type { CallOptions } from '../dialer.js'
import { SallyportError } from '../errors.js'

/** Runs `work` with a signal that is aborted by the caller or when the time is up. No timer outlives the call. */
export async function within<T>(
  { signal, timeoutMs }: CallOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return work(signal ?? new AbortController().signal)
  const limit = new AbortController()
  const timer = setTimeout(() => {
    limit.abort(new SallyportError('TIMEOUT', `not done within ${timeoutMs} ms`))
  }, timeoutMs)
  try {
    return await work(signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]))
  } finally {
    clearTimeout(timer)
  }
}
