// Whether, and when, a forward that was lost tries again.

import type { ErrorCode } from '../error-codes.js'
import { AuthError, ConfigError, HostKeyError, type SallyportError } from '../errors.js'

/** Milliseconds before the n-th attempt, counted from 0: 1, 2, 4, 8, 16 and then 30 seconds. */
export function pauseMs(attempt: number): number {
  return attempt > 4 ? 30_000 : 1000 * 2 ** attempt
}

const lasting: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'AGENT_UNUSABLE',
  'AUTH_FAILED',
  'CANCELLED',
  'CLOSED',
  'IDENTITY_UNUSABLE',
  'INSECURE_KEX',
  'KNOWN_HOSTS_UNUSABLE',
  'NO_COMMON_ALGORITHM',
  'PASSPHRASE_NEEDED',
  'PASSWORD_CHANGE_REQUIRED',
  'TERMINAL_NEEDED',
])

/**
 * Whether a failure may be over after a pause without anybody's doing. Logins that were refused are not tried again:
 * servers lock out those who go on.
 */
export function canMendItself(error: SallyportError): boolean {
  const needsSomebody =
    error instanceof AuthError || error instanceof ConfigError || error instanceof HostKeyError
  return !needsSomebody && !lasting.has(error.code)
}
