// A request and the configured sources -> the route. Each hop is looked up for itself and inherits nothing from the
// target; gateways are visited left to right. Dials nothing, and reads nothing but what the sources answer.

import { asciiLowerCase } from '../config/ascii-lower-case.js'
import type { Configuration, HostAnswer, HostQuery, Unused } from '../config/host-answer.js'
import { invalid } from '../config/kinds.js'
import { type Layer, mergeLayers, type Origin } from '../config/merge.js'
import { settingsTable } from '../config/settings.js'
import { hidingSecrets } from '../config/unused.js'
import { checkAddressTrust } from './address-trust.js'
import { type ChosenGateway, chooseGateway } from './choose-gateway.js'
import { commandLink } from './command-link.js'
import { checkHost, checkUser, type Destination } from './destination.js'
import { findGatewayConnection, type GatewayConnection, gatewayRoute } from './gateway.js'
import { checkHops, checkPath, type Step } from './loops.js'
import { commandText, expandProxyCommand, type TokenValues } from './proxy-command.js'
import { remoteCommandLink } from './remote-command.js'
import type { RouteRequest } from './request.js'
import type { Hop, HopLink, Route } from './route.js'
import { unverified, weakChoices } from './weak-choices.js'

/** A route, and the connection that its first hops are borrowed from, where there is one. */
export interface ResolvedRoute {
  readonly route: Route
  readonly gateway: GatewayConnection | undefined
  /** Those warnings of the route that are told when it is used: what cannot be honoured, and what is not verified. */
  readonly remarks: readonly string[]
}

/** What every look-up of one route shares. */
interface Search {
  readonly configuration: Configuration
  readonly program: Layer
  readonly warnings: Set<string>
  readonly signal: AbortSignal | undefined
}

/** A hop that was looked up, before it is known how it is reached. */
interface Found {
  readonly hop: Step['hop']
  readonly gateways: HostAnswer['gateways']
}

/** Resolves the route. Rejects with ConfigError for anything that cannot work. */
export async function resolveRoute(
  request: RouteRequest,
  configuration: Configuration,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ResolvedRoute> {
  const { destination, runtime, program, gateway: given } = request
  const search: Search = { configuration, program, warnings: new Set(), signal: options.signal }
  const { sshOptions = [], matchCommand } = request.configuration
  const target = await lookUp(search, destination, {
    runtime: [runtime],
    command: matchCommand,
    proxied: given === undefined ? undefined : given.kind !== 'direct',
    directives: sshOptions.map((text) => ({ text, origin: `-o ${text.split(/[\s=]/, 1)[0]}` })),
  })
  const gateway = chooseGateway(given, target.gateways)
  const before = await hopsBefore(search, gateway, [{ hop: target.hop, origin: undefined }])
  const hops = [...before, linked(target.hop, await linkBy(target.hop, gateway), gateway.from)]
  checkHops(hops)
  const remarks = Object.freeze([...search.warnings, ...hops.flatMap(unverified)])
  const warnings = Object.freeze([...remarks, ...hops.flatMap(weakChoices)])
  return {
    route: Object.freeze({ hops: Object.freeze(hops), warnings }),
    remarks,
    gateway: findGatewayConnection(gateway),
  }
}

/** The hops to the last host of `path`, which is reached by `gateway`. */
async function hopsBefore(
  search: Search,
  gateway: ChosenGateway,
  path: readonly Step[],
): Promise<readonly Hop[]> {
  switch (gateway.kind) {
    case 'connection':
    case 'remote-command':
    case 'proxy': {
      const { connection } = gateway
      if (connection === undefined) return []
      const { hops } = await connection[gatewayRoute]({ signal: search.signal })
      return hops.map((hop) => Object.freeze({ ...hop, owner: 'connection' as const }))
    }
    case 'jump':
      return jumps(search, gateway, path)
    case 'direct':
    case 'command':
    case 'dialer':
      return []
  }
}

// Only the first of a list is reached by its own gateway; each other one is reached through the one before it, as the
// list says, whatever its own ProxyJump or ProxyCommand (ssh.c hands them down as -J).
async function jumps(
  search: Search,
  { hops: destinations, from }: ChosenGateway & { readonly kind: 'jump' },
  path: readonly Step[],
): Promise<readonly Hop[]> {
  const hops: Hop[] = []
  for (const [index, destination] of destinations.entries()) {
    const proxied = index === 0 ? undefined : true
    const query = { runtime: [], proxied, sessionType: 'none' } as const
    const { hop, gateways } = await lookUp(search, destination, query)
    if (index > 0) {
      const beat = Object.freeze([...from.beat, ...gateways.map(({ origin }) => origin)])
      hops.push(linked(hop, { kind: 'channel' }, Object.freeze({ ...from, beat })))
      continue
    }
    const deeper = [...path, { hop, origin: from.from }]
    checkPath(deeper)
    const own = chooseGateway(undefined, gateways)
    hops.push(...(await hopsBefore(search, own, deeper)), linked(hop, await linkBy(hop, own), own.from))
  }
  return hops
}

function linked(hop: Step['hop'], link: HopLink, linkOrigin: Origin): Hop {
  const unused = link.kind === 'tcp' ? hop.unused : Object.freeze([...hop.unused, ...ofTheFirstHop(hop)])
  return Object.freeze({ ...hop, unused, link, linkOrigin })
}

/** What is said of this hop, and has an effect only where this machine itself connects to it. */
function ofTheFirstHop({ settings, origins }: Step['hop']): readonly Unused[] {
  const names = [
    'addressFamily',
    'bindAddress',
    'bindInterface',
    'connectionAttempts',
    'tcpKeepAlive',
  ] as const
  return names
    .filter((name) => origins[name].from !== 'default')
    .map((name) => ({
      keyword: settingsTable[name].keyword ?? name,
      words: [String(settings[name])],
      origin: origins[name].from,
    }))
}

async function linkBy(target: Step['hop'], gateway: ChosenGateway): Promise<HopLink> {
  switch (gateway.kind) {
    case 'direct':
      return { kind: 'tcp' }
    case 'connection':
    case 'jump':
      return { kind: 'channel' }
    case 'dialer':
      return { kind: 'dialer', dialer: gateway.dialer }
    case 'proxy':
      return { kind: 'proxy', proxies: gateway.proxies }
    case 'remote-command':
      return remoteCommandLink(gateway, valuesOf(target), gateway.from.from)
    case 'command': {
      const { command, from, permit } = gateway
      const values = valuesOf(target)
      const expanded = expandProxyCommand(command, values, from.from)
      await permit?.(commandText('shell' in expanded ? expanded.shell : expanded.argv))
      return commandLink(expanded, commandText(command))
    }
  }
}

function valuesOf(target: Step['hop']): TokenValues {
  return { ...target, hostKeyAlias: target.settings.hostKeyAlias }
}

async function lookUp(
  { configuration, program, warnings, signal }: Search,
  destination: Destination,
  { runtime, ...query }: Omit<HostQuery, 'host'> & { readonly runtime: readonly Layer[] },
): Promise<Found> {
  const given = [destinationLayer(destination), ...runtime]
  const asked = { host: destination.host, ...saidBy(given), signal, ...query }
  const answer = await configuration.lookUp(asked)
  for (const warning of answer.warnings) warnings.add(warning)
  const layers = [...given, ...answer.layers, program]
  const { settings, origins } = mergeLayers(layers)
  checkAddressTrust({ host: destination.host, settings, origins }, layers)
  const { hostName, user, port } = settings
  if (user === '') throw invalid('user', 'the local user has no name; give one')
  checkUser(user, `user (${origins.user.from})`)
  if (hostName !== undefined) checkHost(hostName, `hostName (${origins.hostName.from})`)
  const hop = {
    host: destination.host,
    hostName: asciiLowerCase(hostName ?? destination.host),
    user,
    port,
    settings,
    origins,
    unused: Object.freeze(answer.unused.map(hidingSecrets)),
    owner: 'route' as const,
  }
  return { hop, gateways: answer.gateways }
}

function destinationLayer({ user, port }: Destination): Layer {
  return {
    source: 'runtime',
    values: { ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) },
    originOf: (name) => `the ${name} in the host`,
  }
}

/** What ssh_config is told of the caller's own words, because its criteria and tokens may ask for them. */
function saidBy(layers: readonly Layer[]): Pick<HostQuery, 'user' | 'port' | 'hostName' | 'hostKeyAlias'> {
  const [user] = layers.flatMap(({ values }) => values.user ?? [])
  const [port] = layers.flatMap(({ values }) => values.port ?? [])
  const [hostName] = layers.flatMap(({ values }) => values.hostName ?? [])
  const [hostKeyAlias] = layers.flatMap(({ values }) => values.hostKeyAlias ?? [])
  return { user, port, hostName, hostKeyAlias }
}
