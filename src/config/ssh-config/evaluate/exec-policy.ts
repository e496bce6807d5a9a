// Whether a command that ssh_config names may run: that of a Match line, or a ProxyCommand. Running it is for others.

import { ConfigError } from '../../../errors.js'
import { unlessAborted } from '../../unless-aborted.js'
import type { ExecPolicy, ExecRequest } from '../answer.js'

/** What wants to run a command. */
interface Wanted {
  readonly what: 'Match exec' | 'ProxyCommand'
  readonly origin: string
  readonly request: () => ExecRequest
  /** Ends the wait for whoever decides. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Whether to run the command; false when it is to be passed over. Rejects with {@link ConfigError} EXEC_DENIED for one
 * that may not run. `request` is asked only where somebody decides by it.
 */
export async function decide(policy: ExecPolicy, wanted: Wanted): Promise<boolean> {
  const { origin, what } = wanted
  if (policy === 'skip') return false
  if (policy === 'allow') return true
  if (policy !== 'deny' && (await ask(policy, wanted))) return true
  const message = `${what} would run a command, which is not allowed here`
  throw new ConfigError('EXEC_DENIED', `${origin}: ${message}`, {
    origin,
    phase: 'resolve',
    problems: [{ origin, message }],
  })
}

/** Only `true` allows, and an error in the function does not. */
async function ask(
  policy: Extract<ExecPolicy, (request: ExecRequest) => unknown>,
  { origin, request, signal }: Wanted,
): Promise<boolean> {
  try {
    return (await unlessAborted(signal, () => policy(request()))) === true
  } catch (cause) {
    if (cause instanceof ConfigError || signal?.aborted === true) throw cause
    const what = 'the function that was to decide about a command failed'
    throw new ConfigError('EXEC_DENIED', `${origin}: ${what}`, { origin, phase: 'resolve', cause })
  }
}
