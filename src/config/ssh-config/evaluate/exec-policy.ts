// Whether the command of a Match line may run, and what its criterion counts as. Running it is run-command.ts's.

import { ConfigError } from '../../../errors.js'
import type { ExecPolicy, ExecRequest } from '../answer.js'

/** What wants to run a command. */
interface Wanted {
  readonly what: 'Match exec' | 'ProxyCommand'
  readonly origin: string
  readonly request: () => ExecRequest
}

/**
 * Whether to run the command; false when it is to be passed over. Rejects with {@link ConfigError} EXEC_DENIED for one
 * that may not run. `request` is asked only where somebody decides by it.
 */
export async function decide(policy: ExecPolicy, { origin, what, request }: Wanted): Promise<boolean> {
  if (policy === 'skip') return false
  if (policy === 'allow' || (policy !== 'deny' && (await policy(request())))) return true
  const message = `${what} would run a command, which is not allowed here`
  throw new ConfigError('EXEC_DENIED', `${origin}: ${message}`, {
    origin,
    phase: 'resolve',
    problems: [{ origin, message }],
  })
}
