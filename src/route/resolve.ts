// A host and the sources of settings -> its route. Pure: no file is read and nothing is dialled.
// Loops and endless chains are refused here, before the first packet.

import { invalid } from '../config/kinds.js'
import { type Layer, mergeLayers } from '../config/merge.js'
import {
  defaultsLayer,
  type OptionOrigin,
  programOrigin,
  runtimeLayer,
  type SettingOptions,
} from '../config/runtime.js'
import { ConfigError } from '../errors.js'
import { commandLink } from './command-link.js'
import { checkHost, checkUser, type Destination, formatDestination, parseDestination } from './destination.js'
import {
  type Gateway,
  type GatewayConnection,
  type GatewayOptions,
  gatewayRoute,
  normalizeGateway,
} from './gateway.js'
import { expandProxyCommand } from './proxy-command.js'
import type { Hop, HopLink, Route } from './route.js'

/** The most hops that a route may have. */
const maxHops = 16

/** What a program says about all hops that it resolves, and how its messages speak. */
export interface ProgramOptions {
  /**
   * Defaults of the program for every hop, the target and those of `proxyJump`; they beat the built-in ones and nothing
   * else. For what is the program's and not a host's, such as `ask` and the policy for unknown host keys of a
   * program in a terminal. Secrets, key files, and other settings that belong to one host are refused, and so are
   * strictHostKeyChecking `no` and verifyHostKey. A connection that is passed in as the gateway keeps its own.
   */
  readonly defaults?: SettingOptions | undefined
  /** How messages and origins name an option: `-p` for `port` in a command line. Default `option port`. */
  readonly originOf?: OptionOrigin | undefined
}

/** Everything that can be said about one host: its settings, and what stands before it. */
export type RouteOptions = SettingOptions & GatewayOptions & ProgramOptions

/** A route, and the connection that its first hops are borrowed from, where there is one. */
export interface ResolvedRoute {
  readonly route: Route
  readonly gateway: GatewayConnection | undefined
}

const otherOptionNames = ['gateway', 'proxyJump', 'proxyCommand', 'defaults', 'originOf'] as const

/**
 * Resolves the route to `host` (`name`, `user@name:port`, `[v6]:port` or `ssh://…`).
 * Throws {@link ConfigError} for anything that cannot work, before any I/O.
 */
export function resolveRoute(host: string, options: RouteOptions): ResolvedRoute {
  const destination = parseDestination(host, 'host')
  const { defaults = {}, originOf = programOrigin } = options
  const layer = runtimeLayer(options, otherOptionNames, originOf)
  const common = defaultsLayer(defaults)
  const gateway = normalizeGateway(options, originOf)
  const target = resolveHop(destination, [layer, common])
  const route = {
    hops: Object.freeze([...hopsBefore(gateway, common), { ...target, link: linkTo(target, gateway) }]),
  }
  for (const hop of route.hops) Object.freeze(hop)
  checkRoute(route)
  return {
    route: Object.freeze(route),
    gateway: gateway.kind === 'connection' ? gateway.connection : undefined,
  }
}

// A hop on the way has its own look-up and inherits nothing from the target.
function hopsBefore(gateway: Gateway, common: Layer): readonly Hop[] {
  switch (gateway.kind) {
    case 'connection':
      return gateway.connection[gatewayRoute]().hops.map((hop) => ({ ...hop, owner: 'connection' as const }))
    case 'jump':
      return gateway.hops.map((destination, index) => {
        const link: HopLink = { kind: index === 0 ? 'tcp' : 'channel' }
        return { ...resolveHop(destination, [common]), link }
      })
    case 'direct':
    case 'command':
    case 'dialer':
      return []
  }
}

function linkTo(target: Omit<Hop, 'link'>, gateway: Gateway): HopLink {
  switch (gateway.kind) {
    case 'direct':
      return { kind: 'tcp' }
    case 'connection':
    case 'jump':
      return { kind: 'channel' }
    case 'dialer':
      return { kind: 'dialer', dialer: gateway.dialer }
    case 'command': {
      const { command, origin } = gateway
      const values = { ...target, hostKeyAlias: target.settings.hostKeyAlias }
      const text = typeof command === 'string' ? command : command.map(asOneWord).join(' ')
      return commandLink(expandProxyCommand(command, values, origin), text)
    }
  }
}

function asOneWord(word: string): string {
  return /[\s"']/.test(word) ? JSON.stringify(word) : word
}

function resolveHop(destination: Destination, layers: readonly Layer[]): Omit<Hop, 'link'> {
  checkGivenOnce(destination, layers)
  const { settings, origins } = mergeLayers([destinationLayer(destination), ...layers])
  const { hostName, user, port } = settings
  if (user === '') throw invalid('user', 'the local user has no name; give one')
  checkUser(user, `user (${origins.user.from})`)
  if (hostName !== undefined) checkHost(hostName, `hostName (${origins.hostName.from})`)
  return {
    host: destination.host,
    hostName: (hostName ?? destination.host).toLowerCase(),
    user,
    port,
    settings,
    origins,
    owner: 'route',
  }
}

function destinationLayer({ user, port }: Destination): Layer {
  return {
    source: 'runtime',
    values: { ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) },
    originOf: (name) => `the ${name} in the host`,
  }
}

function checkGivenOnce(destination: Destination, layers: readonly Layer[]): void {
  for (const name of ['user', 'port'] as const) {
    for (const layer of layers) {
      const [inHost, inOption] = [destination[name], layer.values[name]]
      if (inHost === undefined || inOption === undefined || inHost === inOption) continue
      throw invalid(
        layer.originOf(name),
        `differs from the ${name} in the host ${formatDestination(destination)}`,
      )
    }
  }
}

function checkRoute({ hops }: Route): void {
  const path = hops.map((hop) => hop.host).join(' → ')
  const seen = new Set<string>()
  for (const { user, hostName, port } of hops) {
    const key = JSON.stringify([user, hostName, port])
    if (seen.has(key)) {
      throw new ConfigError('GATEWAY_LOOP', `the route comes back to ${user}@${hostName}:${port}: ${path}`, {
        phase: 'resolve',
        hint: 'remove one of the gateways; the same host is fine with another user or port',
      })
    }
    seen.add(key)
  }
  if (hops.length > maxHops) {
    throw new ConfigError(
      'ROUTE_TOO_LONG',
      `the route has ${hops.length} hops, and at most ${maxHops} are allowed: ${path}`,
      {
        phase: 'resolve',
      },
    )
  }
}
