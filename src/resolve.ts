// The route to a host without a connection.

import { type RouteOptions, resolveRoute } from './route/resolve.js'
import type { Route } from './route/route.js'

/** Resolves the route to `host` as `new Connection(host, options)` would. Touches no network. */
export async function resolve(host: string, options: RouteOptions = {}): Promise<Route> {
  return resolveRoute(host, options).route
}
