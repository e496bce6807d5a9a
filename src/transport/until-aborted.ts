// Waits for what may never settle, no longer than a signal allows.

/** Does the work. Rejects with the signal's reason as soon as it is aborted; what the work comes to later is dropped. */
export function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const aborted = (): void => reject(signal.reason)
    signal.addEventListener('abort', aborted)
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', aborted))
  })
}
