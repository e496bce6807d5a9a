// The wait for what cannot be told to stop: files, names, functions of the caller. Their work is left to itself.

import { abortError } from '../aborted.js'
import { deferred } from '../deferred.js'

/** The result of `work`. Rejects as soon as the signal is aborted, with its reason as {@link abortError} has it. */
export async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  work: () => T | Promise<T>,
): Promise<T> {
  if (signal === undefined) return work()
  const failure = () => abortError(signal.reason, { phase: 'resolve' })
  if (signal.aborted) throw failure()
  const aborted = deferred<never>()
  const onAbort = () => aborted.reject(failure())
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work(), aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
