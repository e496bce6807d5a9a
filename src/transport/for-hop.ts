// An error that does not know its hop yet is told it, with the phase in which it happened.

import type { Whereabouts } from '../aborted.js'
import { AbortError, ConnectError, SallyportError } from '../errors.js'

/** The error as it is when it has a hop; else the same, laid to this one. */
export function forHop(error: SallyportError, where: Whereabouts): SallyportError {
  if (error.hop !== undefined) return error
  // One that was aborted by whoever waits for it is told by its waiter.
  if (error instanceof AbortError) return new AbortError({ ...where, cause: error.cause })
  const { code, message, hint, cause } = error
  return new ConnectError(code, message, { ...where, hint, cause })
}

/** Does the work, and tells its errors of ours their hop. Others pass. */
export async function doneFor<T>(where: Whereabouts, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof SallyportError ? forHop(error, where) : error
  }
}
