// Waiting that the caller's signal can cut short, for files, callbacks and people that never answer.

import { abortError } from '../aborted.js'
import type { HopRef } from '../errors.js'

/**
 * What `work` settles to, or a rejection as soon as the signal is aborted: with the signal's reason if that is an
 * error of this library (a phase's limit), else with AbortError. `work` itself is not stopped.
 */
export async function untilAborted<T>(
  { signal, hop }: { readonly signal: AbortSignal; readonly hop: HopRef },
  work: () => Promise<T>,
): Promise<T> {
  const abortion = () => abortError(signal.reason, { hop, phase: 'host-key' })
  if (signal.aborted) throw abortion()
  return await new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(abortion())
    signal.addEventListener('abort', onAbort, { once: true })
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort))
  })
}
