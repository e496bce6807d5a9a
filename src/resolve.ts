// The route to a host without a connection.

import { type ConfigurationOptions, openConfiguration } from './config/configuration.js'
import { checkRequest, type RouteOptions } from './route/request.js'
import { resolveRoute } from './route/resolve.js'
import type { Route } from './route/route.js'

/**
 * Resolves the route to `host` as `new Connection(host, options)` would, and as ssh reads its configuration. Dials
 * nothing. Rejects with `ConfigError`.
 */
export async function resolve(
  host: string,
  options: RouteOptions & { readonly signal?: AbortSignal | undefined } = {},
): Promise<Route> {
  const { signal, ...rest } = options
  const request = checkRequest(host, rest)
  const { route } = await resolveRoute(request, await openConfiguration(request.configuration), { signal })
  return route
}

/**
 * The names of single hosts that the configured sources mention: in `Host` lines of ssh_config, and under `hosts` and
 * `groups` of our own. Patterns are not among them. No command is run. Rejects with `ConfigError`.
 */
export async function configuredHosts(
  options: Pick<ConfigurationOptions, 'sshConfig' | 'config' | 'allowExec'> = {},
): Promise<readonly string[]> {
  return (await openConfiguration(options)).hostNames()
}
