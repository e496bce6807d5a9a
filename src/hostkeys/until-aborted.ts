// Waiting that the caller's signal can cut short, for files, callbacks and people that never answer.

import { AbortError, type HopRef, SallyportError } from '../errors.js'

/**
 * What `work` settles to, or a rejection as soon as the signal is aborted: with the signal's reason if that is an
 * error of this library (a phase's limit), else with {@link AbortError}. `work` itself is not stopped.
 */
export async function untilAborted<T>(
  { signal, hop }: { readonly signal: AbortSignal; readonly hop: HopRef },
  work: () => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw abortion(signal, hop)
  return await new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(abortion(signal, hop))
    signal.addEventListener('abort', onAbort, { once: true })
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function abortion(signal: AbortSignal, hop: HopRef): SallyportError {
  const reason: unknown = signal.reason
  if (reason instanceof SallyportError) return reason
  return new AbortError({ hop, phase: 'host-key', cause: reason })
}
