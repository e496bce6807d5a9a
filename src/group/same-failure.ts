// The failure of a gateway, told to one who did not even try it.

import { AuthError, ConnectError, formatHop, HostKeyError, SallyportError } from '../errors.js'

/** An error with the same code, hop and phase, whose cause is the original. */
export function sameFailure(error: SallyportError): SallyportError {
  const { code, hop, phase, hint } = error
  const prefix = hop === undefined ? '' : `${formatHop(hop)}: `
  const what = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message
  const told = `not tried again: ${what}`
  const details = { hop, phase, hint, cause: error }
  if (error instanceof AuthError) {
    return new AuthError(code, told, { ...details, tried: error.tried, allowed: error.allowed })
  }
  if (error instanceof HostKeyError) {
    return new HostKeyError(code, told, { ...details, offered: error.offered, known: error.known })
  }
  if (hop === undefined || phase === undefined) return new SallyportError(code, told, details)
  return new ConnectError(code, told, { ...details, hop, phase })
}
