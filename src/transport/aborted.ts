// What a transport rejects with when its signal is aborted: one rule for all of them.

import { AbortError, type HopRef, type Phase, SallyportError } from '../errors.js'

/** The signal's reason where that is an error of ours, as a timeout is; else an AbortError with it as the cause. */
export function abortError(
  signal: AbortSignal,
  details: { readonly hop: HopRef; readonly phase: Phase },
): SallyportError {
  const reason: unknown = signal.reason
  return reason instanceof SallyportError ? reason : new AbortError({ ...details, cause: reason })
}
