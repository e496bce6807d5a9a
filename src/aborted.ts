// What a call rejects with when its signal is aborted: one rule for every folder.

import { AbortError, ConnectError, type HopRef, type Phase, SallyportError } from './errors.js'

/** Where a call stands: the hop that it has come to, and its phase. */
export interface Whereabouts {
  readonly hop: HopRef
  readonly phase: Phase
}

/**
 * The error for a call whose signal was aborted for `reason`: an AbortError that has it as its cause. A reason that is
 * an error of ours, as a phase's limit is, passes as it is; if it does not know its hop, it is told where the call stood.
 */
export function abortError(
  reason: unknown,
  where: Whereabouts | { readonly phase: 'resolve' },
): SallyportError {
  if (!(reason instanceof SallyportError)) return new AbortError({ ...where, cause: reason })
  if (reason.hop !== undefined) return reason
  // The call that wraps this one did not know yet how far it would come.
  if (reason instanceof AbortError) return new AbortError({ ...where, cause: reason.cause })
  if (!('hop' in where)) return reason
  return new ConnectError(reason.code, reason.message, { ...where, cause: reason })
}
