// Routes without a connection, and the hosts that there are routes to, alone and in groups.

import { abortError } from './aborted.js'
import { type ConfigurationOptions, openConfiguration, recordConfiguration } from './config/configuration.js'
import { loadOwnConfigs } from './config/own/load.js'
import { findNearest } from './config/own/nearest-name.js'
import type { CallOptions } from './dialer.js'
import { ConfigError, SallyportError } from './errors.js'
import { watchDeparture } from './hops/departure.js'
import { JoinedAttempt } from './hops/joined-attempt.js'
import { checkCallOptions } from './option-check.js'
import { printable } from './printable.js'
import { parseDestination } from './route/destination.js'
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

/**
 * The hosts of a group that our own configuration names, in its order: the first of the sources that has a group of this
 * name counts. Rejects with `ConfigError`; INVALID_OPTION, which names the groups that there are, when none has.
 */
export function groupHosts(
  name: string,
  options: Pick<ConfigurationOptions, 'config' | 'allowExec'> & CallOptions = {},
): Promise<readonly string[]> {
  if (typeof name !== 'string') return Promise.reject(new TypeError('name: must be text'))
  return within(options, `the group ${printable(name, 100)}`, async (given) => {
    const { config, allowExec } = recordConfiguration(given)
    const own = await loadOwnConfigs({ config, allowExec })
    const source = own.find(({ groups }) => groups.has(name))
    if (source === undefined)
      throw unknownGroup(name, new Set(own.flatMap(({ groups }) => [...groups.keys()])))
    const hosts = source.groups.get(name) ?? []
    for (const [index, host] of hosts.entries()) {
      parseDestination(host, `${source.origin}: groups.${name}[${index}]`)
    }
    return Object.freeze([...hosts])
  })
}

const mostGroupsNamed = 20

function unknownGroup(name: string, known: ReadonlySet<string>): ConfigError {
  const nearest = findNearest(name, [...known])
  const groups = [...known].sort().slice(0, mostGroupsNamed).join(', ')
  const more = known.size > mostGroupsNamed ? ` and ${known.size - mostGroupsNamed} more` : ''
  const there = known.size === 0 ? 'the configuration has none' : `there are ${printable(groups, 500)}${more}`
  return new ConfigError(
    'INVALID_OPTION',
    `there is no group ${JSON.stringify(printable(name, 100))}: ${there}`,
    {
      phase: 'resolve',
      hint: nearest === undefined ? undefined : `did you mean ${printable(nearest, 100)}?`,
    },
  )
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
