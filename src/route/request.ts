// A host and a program's options, checked and recorded: all that can be said before a configured source is asked.

import {
  type ConfigurationOptions,
  checkConfigurationOptions,
  configurationOptionNames,
  type RecordedConfiguration,
  recordConfiguration,
} from '../config/configuration.js'
import { invalid } from '../config/kinds.js'
import type { Layer } from '../config/merge.js'
import {
  defaultsLayer,
  type OptionOrigin,
  programOrigin,
  runtimeLayer,
  type SettingOptions,
} from '../config/runtime.js'
import type { SettingName } from '../config/settings.js'
import { GatewayConflictError } from '../errors.js'
import { checkHost, checkUser, type Destination, formatDestination, parseDestination } from './destination.js'
import { findGatewayOption, type GatewayOptions, type GivenGateway } from './gateway.js'

/** What a program says about all hops that it resolves, and how its messages speak. */
export interface ProgramOptions {
  /**
   * Defaults of the program for every hop, the target and its gateways; they beat the built-in ones and nothing
   * else. For what is the program's and not a host's, such as `ask` and the policy for unknown host keys of a
   * program in a terminal. Secrets, key files, and other settings that belong to one host are refused, and so are
   * strictHostKeyChecking `no` and verifyHostKey. A connection that is passed in as the gateway keeps its own.
   */
  readonly defaults?: SettingOptions | undefined
  /** How messages and origins name an option: `-p` for `port` in a command line. Default `option port`. */
  readonly originOf?: OptionOrigin | undefined
}

/** Everything that can be said about one host: its settings, what stands before it, and where to look it up. */
export type RouteOptions = SettingOptions & GatewayOptions & ProgramOptions & ConfigurationOptions

/** A checked request for a route. Frozen; later changes of the caller's objects do not reach it. */
export interface RouteRequest {
  readonly destination: Destination
  /** The caller's own settings of the host. */
  readonly runtime: Layer
  /** The program's defaults for every hop. */
  readonly program: Layer
  /** The gateway that the caller named; `undefined` leaves it to the configured sources. */
  readonly gateway: GivenGateway | undefined
  readonly configuration: RecordedConfiguration
}

const otherOptionNames = {
  gateway: true,
  proxyJump: true,
  proxyCommand: true,
  defaults: true,
  originOf: true,
  ...configurationOptionNames,
} as const satisfies Record<Exclude<keyof RouteOptions, SettingName>, true>

/**
 * Checks the request for a route to `host` (`name`, `user@name:port`, `[v6]:port` or `ssh://…`).
 * Throws ConfigError for what is wrong whatever the configured sources say.
 */
export function checkRequest(host: string, given: RouteOptions): RouteRequest {
  const destination = parseDestination(host, 'host')
  if (typeof given !== 'object' || given === null) throw new TypeError('options: must be an object')
  // What stands in a prototype was not said by this caller.
  const options: RouteOptions = { __proto__: null, ...given } as RouteOptions
  const { defaults = {}, originOf = programOrigin } = options
  checkConfigurationOptions(options, originOf)
  const runtime = runtimeLayer(options, Object.keys(otherOptionNames), originOf)
  checkNames(destination, runtime)
  const program = defaultsLayer(defaults)
  const gateway = findGatewayOption(options, originOf)
  if (gateway?.kind === 'jump') checkNoCommand(gateway.origin, options.sshOptions ?? [])
  return Object.freeze({
    destination,
    runtime,
    program,
    gateway,
    configuration: recordConfiguration(options),
  })
}

// Before any configuration is evaluated: what it runs may have these names in it.
function checkNames(destination: Destination, { values, originOf }: Layer): void {
  if (values.user !== undefined) checkUser(values.user, originOf('user'))
  if (values.hostName !== undefined) checkHost(values.hostName, originOf('hostName'))
  for (const name of ['user', 'port'] as const) {
    const [inHost, inOption] = [destination[name], values[name]]
    if (inHost === undefined || inOption === undefined || inHost === inOption) continue
    throw invalid(originOf(name), `differs from the ${name} in the host ${formatDestination(destination)}`)
  }
}

// Both are the caller's own words (ssh.c: "Cannot specify -J with ProxyCommand").
function checkNoCommand(origin: string, directives: readonly string[]): void {
  if (!directives.some((text) => /^\s*proxycommand[\s=]+(?!none\s*$)/i.test(text))) return
  throw new GatewayConflictError(
    `two kinds of gateway for one host: ${origin} and -o ProxyCommand`,
    [origin, '-o ProxyCommand'],
    'give only one of them',
  )
}
