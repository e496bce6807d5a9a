// An error as data for programs: what its class has, under the names of the class, and what to do about it.

import { AuthError, ConfigError, errorCodes, HostKeyError, SallyportError } from '../index.js'
import { causeMessages } from './error-causes.js'

/** Plain data without secrets; `hop` counts from zero. Fields that an error does not have are absent. */
export function describeError(error: unknown): Readonly<Record<string, unknown>> {
  const messages = causeMessages(error)
  const causes = messages.length === 0 ? undefined : messages
  if (!(error instanceof SallyportError)) {
    return { message: error instanceof Error ? error.message : String(error), causes }
  }
  const { code, message, hop, phase, hint } = error
  return {
    code,
    message,
    causes,
    hop: hop?.index,
    phase,
    hint: hint ?? errorCodes[code].remedy,
    retryable: error.retryable,
    ...fieldsOf(error),
  }
}

function fieldsOf(error: SallyportError): Readonly<Record<string, unknown>> {
  if (error instanceof AuthError) return { tried: error.tried, allowed: error.allowed }
  if (error instanceof HostKeyError) return { offered: error.offered, known: error.known }
  if (error instanceof ConfigError) return { origin: error.origin, problems: error.problems }
  return {}
}
