// What may stand before a host: the forms in which a gateway can be given, brought into one normal form.
// Holds the rule that two kinds of gateway at once are an error.

import { durationKind, invalid } from '../config/kinds.js'
import { findHop } from '../config/ssh-config/values/jump-hop.js'
import type { CallOptions, Dialer } from '../dialer.js'
import { ConfigError, GatewayConflictError } from '../errors.js'
import { checkDestination, type Destination, parseDestination } from './destination.js'
import type { CommandText, RemoteCommandWhen } from './proxy-command.js'
import type { ProxySpec } from './proxy-spec.js'
import type { Route } from './route.js'

/** The property by which a connection shows its route to those that use it as their gateway. */
export const gatewayRoute: unique symbol = Symbol('sallyport.gatewayRoute')

/** A connection in the role of a gateway: borrowed, never closed by those who use it. */
export interface GatewayConnection {
  readonly [gatewayRoute]: (options?: CallOptions) => Promise<Route>
}

/** The property by which a proxy shows what it is to those that use it as their gateway. */
export const proxyRoute: unique symbol = Symbol('sallyport.proxyRoute')

/** A proxy, or several in a row, in the role of a gateway. */
export interface GatewayProxy {
  readonly [proxyRoute]: ProxyRoute
}

export interface ProxyRoute {
  /** In the order in which they are passed; never empty. */
  readonly proxies: readonly ProxySpec[]
  /** What the first one is reached through; `undefined` for directly. */
  readonly connection: GatewayConnection | undefined
}

/** A ProxyCommand: `{ command: 'nc %h %p' }` for the shell, `{ command: ['nc', '%h', '%p'] }` without one. */
export interface GatewayCommand {
  readonly command: CommandText
  /**
   * Run the command there and not here: its standard input and output are the connection. The tokens are the same. The
   * shell is that of the user on the gateway; the words of a list are quoted for it.
   */
  readonly on?: GatewayConnection | undefined
  /** With `on`. By default `always`; else only when the gateway refuses to forward. */
  readonly when?: RemoteCommandWhen | undefined
}

/** What the option `gateway` accepts. A plain string is a ProxyCommand; `false` means directly. */
export type GatewayOption = GatewayConnection | GatewayProxy | GatewayCommand | Dialer | string | false

/** The three ways in which a caller can ask for a gateway, in our words and in ssh's. */
export interface GatewayOptions {
  /**
   * What to go through: a `Connection`, a ProxyCommand (`'ssh -W %h:%p bastion'`, or `{ command }`), a command on a
   * gateway (`{ command: 'nc %h %p', on: connection }`), a proxy (`socks5(url)`, `httpConnect(url)`), several gateways to
   * try (`firstOf([a, b])`), any {@link Dialer}, or `false` to connect directly.
   */
  readonly gateway?: GatewayOption | undefined
  /** Hosts to jump through, first to last, as `ssh -J`: `'user@a:22,ssh://b,[2001:db8::1]:2200'`, or `'none'`. */
  readonly proxyJump?: string | undefined
  /** The command whose standard input and output are the connection, as ssh's ProxyCommand, or `'none'`. */
  readonly proxyCommand?: string | undefined
}

/** The one normal form. */
export type Gateway =
  | { readonly kind: 'direct' }
  | { readonly kind: 'connection'; readonly connection: GatewayConnection }
  | { readonly kind: 'jump'; readonly hops: readonly Destination[] }
  | {
      readonly kind: 'command'
      readonly command: CommandText
      /** Rejects when the command, as it would run, may not. */
      readonly permit?: ((expanded: string) => Promise<void>) | undefined
    }
  | { readonly kind: 'dialer'; readonly dialer: Dialer }
  | ({ readonly kind: 'proxy' } & ProxyRoute)
  | {
      readonly kind: 'remote-command'
      readonly connection: GatewayConnection
      readonly command: CommandText
      readonly when: RemoteCommandWhen
    }

/** The connection that a gateway is, or that it begins with: the first hops of the route are those of it. */
export function findGatewayConnection(gateway: Gateway): GatewayConnection | undefined {
  return 'connection' in gateway ? gateway.connection : undefined
}

/** A gateway that the caller named, and the option that said it: `option proxyJump`, or `-J`. */
export type GivenGateway = Gateway & { readonly origin: string }

/** Which option said it: a name such as `option proxyJump`, or `-J`. */
export type OriginOf = (option: keyof GatewayOptions) => string

/**
 * Brings the gateway options into the normal form; `undefined` when none is given. Throws {@link GatewayConflictError}
 * when two are.
 */
export function findGatewayOption(options: GatewayOptions, originOf: OriginOf): GivenGateway | undefined {
  const [first, second] = (['gateway', 'proxyJump', 'proxyCommand'] as const).filter(
    (name) => options[name] !== undefined,
  )
  if (first === undefined) return undefined
  if (second !== undefined) throw conflict(originOf(first), originOf(second))
  const origin = originOf(first)
  return { ...normalize(options, origin), origin }
}

function normalize({ gateway, proxyJump, proxyCommand }: GatewayOptions, origin: string): Gateway {
  if (proxyJump !== undefined) return parseProxyJump(proxyJump, origin)
  if (proxyCommand !== undefined) return parseProxyCommand(proxyCommand, origin)
  return gateway === undefined ? { kind: 'direct' } : fromOption(gateway, origin)
}

function conflict(first: string, second: string): GatewayConflictError {
  return new GatewayConflictError(
    `two kinds of gateway for one host: ${first} and ${second}`,
    [first, second],
    'give only one of gateway, proxyJump and proxyCommand; gateway: false connects directly',
  )
}

function fromOption(option: GatewayOption, origin: string): Gateway {
  if (option === false) return { kind: 'direct' }
  if (typeof option === 'string') return parseProxyCommand(option, origin)
  if (typeof option === 'object' && option !== null) {
    if (gatewayRoute in option) return { kind: 'connection', connection: option }
    if (proxyRoute in option) return { kind: 'proxy', ...option[proxyRoute] }
    if ('command' in option) return fromCommand(option, origin)
    if ('dial' in option && typeof option.dial === 'function') {
      const { dialLimitMs } = option
      if (dialLimitMs !== undefined) durationKind.check(dialLimitMs, `${origin}.dialLimitMs`)
      return { kind: 'dialer', dialer: option }
    }
  }
  throw invalid(origin, 'must be a Connection, a command, { command }, an object with dial, or false')
}

function fromCommand({ command: given, on, when }: GatewayCommand, origin: string): Gateway {
  const gateway = parseProxyCommand(given, origin)
  if (on === undefined) {
    if (when !== undefined) throw invalid(origin, 'when is for a command on a gateway: give on, too')
    return gateway
  }
  if (typeof on !== 'object' || on === null || !(gatewayRoute in on)) {
    throw invalid(origin, 'on must be a Connection')
  }
  if (when !== undefined && when !== 'always' && when !== 'forwarding is prohibited') {
    throw invalid(origin, 'when must be always, or forwarding is prohibited')
  }
  if (gateway.kind !== 'command') throw invalid(origin, 'on needs a command, and none is not one')
  return { kind: 'remote-command', connection: on, command: gateway.command, when: when ?? 'always' }
}

/** Checks a ProxyCommand; `none` means directly (ssh_config(5) ProxyCommand). Throws ConfigError. */
export function parseProxyCommand(command: CommandText, origin: string): Gateway {
  if (typeof command === 'string') {
    if (/^\s*none\s*$/i.test(command)) return { kind: 'direct' }
    if (command.trim() === '') throw invalid(origin, 'the command is empty')
    if (/[\0\r\n]/.test(command)) throw invalid(origin, 'the command must be one line, without NUL')
    return { kind: 'command', command: command.trim() }
  }
  const isWords =
    Array.isArray(command) && command.every((word) => typeof word === 'string' && !word.includes('\0'))
  if (!isWords || command.length === 0 || command[0] === '') {
    throw invalid(origin, 'the command must be a string, or a list of words without NUL')
  }
  return { kind: 'command', command: Object.freeze([...command]) }
}

/**
 * Parses a ProxyJump list, first hop first (ssh_config(5) ProxyJump): what ssh takes, and the further ways to write a
 * destination. Blanks around the commas are refused, as by ssh. Throws ConfigError.
 */
export function parseProxyJump(text: string, origin: string): Gateway {
  if (typeof text !== 'string' || text === '') throw invalid(origin, 'must be a list of hosts, or none')
  if (/^none$/i.test(text)) return { kind: 'direct' }
  const hops = text.split(',').map((hop) => {
    if (hop === '')
      throw new ConfigError('INVALID_DESTINATION', `${origin}: an empty hop in the list`, {
        origin,
        phase: 'resolve',
      })
    return readHop(hop, origin)
  })
  return { kind: 'jump', hops: Object.freeze(hops) }
}

/** Hosts that were read already, checked. Throws ConfigError INVALID_DESTINATION. */
export function jumpThrough(hops: readonly Destination[], origin: string): Gateway {
  return { kind: 'jump', hops: Object.freeze(hops.map((hop) => checkDestination(hop, origin))) }
}

function readHop(text: string, origin: string): Destination {
  const found = findHop(text)
  // ssh would take a password in an address for a part of the user, and show it.
  const hasPassword = text.startsWith('ssh://') && found?.user?.includes(':') === true
  if (found === undefined || hasPassword) return parseDestination(text, origin)
  return checkDestination(found, origin)
}
