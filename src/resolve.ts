// The route to a host without a connection.

import { openConfiguration } from './config/configuration.js'
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
