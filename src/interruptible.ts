// Waiting for what may never settle: a person, a caller's function, an agent, a file on a dead network drive.

/**
 * Settles as `promise` does, unless `signal` is aborted first: then it rejects with the signal's reason at once. What
 * the promise does later is ignored. Leaves no listener on the signal.
 */
export function interruptible<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
