// Routes without a connection, and the hosts that there are routes to.

import { abortError } from './aborted.js'
import { type ConfigurationOptions, openConfiguration, recordConfiguration } from './config/configuration.js'
import type { CallOptions } from './dialer.js'
import { SallyportError } from './errors.js'
import { watchDeparture } from './hops/departure.js'
import { JoinedAttempt } from './hops/joined-attempt.js'
import { checkCallOptions } from './option-check.js'
import { checkRequest, type RouteOptions } from './route/request.js'
import { resolveRoute } from './route/resolve.js'
import type { Route } from './route/route.js'

/**
 * Resolves the route to `host` as `new Connection(host, options)` would, and as ssh reads its configuration. Dials
 * nothing. Rejects with `ConfigError`.
 */
export function resolve(host: string, options: RouteOptions & CallOptions = {}): Promise<Route> {
  return within(options, host, async ({ signal: _, timeoutMs: __, ...rest }, signal) => {
    const request = checkRequest(host, rest)
    const configuration = await openConfiguration(request.configuration)
    return (await resolveRoute(request, configuration, { signal })).route
  })
}

/**
 * The names of single hosts that the configured sources mention: in `Host` lines of ssh_config, and under `hosts` and
 * `groups` of our own. Patterns are not among them. No command is run. Rejects with `ConfigError`.
 */
export function configuredHosts(
  options: Pick<ConfigurationOptions, 'sshConfig' | 'config' | 'allowExec'> & CallOptions = {},
): Promise<readonly string[]> {
  return within(options, 'the configuration', async (given, signal) => {
    const configuration = await openConfiguration(recordConfiguration(given))
    return configuration.hostNames(signal)
  })
}

/** Waits for `work` as long as the call allows. */
async function within<T, O extends CallOptions>(
  options: O,
  what: string,
  work: (options: O, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, timeoutMs } = options
  checkCallOptions({ signal, timeoutMs })
  if (signal?.aborted === true) throw abortError(signal.reason, { phase: 'resolve' })
  const departure = watchDeparture(options, {
    aborted: (reason) => abortError(reason, { phase: 'resolve' }),
    late: (limit) =>
      new SallyportError('TIMEOUT', `${what}: not resolved within ${limit} ms`, { phase: 'resolve' }),
  })
  try {
    const attempt = new JoinedAttempt(
      (aborted) => work(options, aborted),
      () => {},
    )
    return await attempt.join(departure.left)
  } finally {
    departure.dispose()
  }
}
