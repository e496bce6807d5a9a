// Connection: a thin face over the folders below. It checks and records; nothing is opened before its first use.

import type { Duplex } from 'node:stream'
import { inspect } from 'node:util'
import { reportWarning } from './diagnostics.js'
import type { Address, CallOptions, Dialer } from './dialer.js'
import type { Command } from './exec/command.js'
import { type CommandResult, type RunBufferOptions, type RunOptions, run } from './exec/run.js'
import { type ShellOptions, shell } from './exec/shell.js'
import { type RunningCommand, type SpawnOptions, spawn } from './exec/spawn.js'
import { chainOf } from './hops/chain.js'
import { dialThrough } from './hops/dial-through.js'
import type { HopEnd, HopNode, HopState } from './hops/hop-node.js'
import type { Acquire } from './hops/lease.js'
import { checkAddress, checkCallOptions } from './option-check.js'
import { type GatewayConnection, gatewayRoute } from './route/gateway.js'
import { type RouteOptions, resolveRoute } from './route/resolve.js'
import { type Route, targetOf } from './route/route.js'
import type { ProcessEnd } from './wire/wire.js'

/** The settings of the host, and what stands before it. */
export type ConnectionOptions = RouteOptions

/** By this a connection finds the hop of the connection that it was given as a gateway. */
const hopNode: unique symbol = Symbol('sallyport.hopNode')

/**
 * A connection to a host, through any number of gateways. Opens on first use, and opens again on the next use after it
 * was closed or lost. An open connection without work does not keep the process alive.
 */
export class Connection implements Dialer, GatewayConnection, AsyncDisposable {
  readonly #route: Route
  readonly #node: HopNode
  /** Keeps a borrowed gateway from being taken for dropped while this connection is in use. */
  readonly #gateway: GatewayConnection | undefined
  readonly #acquire: Acquire

  /**
   * @param host `name`, `user@name`, `name:port`, `user@[v6]:port`, or `ssh://user@name:port`.
   * @param options Recorded, never changed. Anything that cannot work throws a `ConfigError` here.
   */
  constructor(host: string, options: ConnectionOptions = {}) {
    const { route, gateway } = resolveRoute(host, options)
    const node = chainOf(route, findNode(gateway))
    this.#route = route
    this.#node = node
    this.#gateway = gateway
    this.#acquire = (call) => node.acquire('work', call)
    watchForDropped(this, node)
  }

  /** The host as it was named. */
  get host(): string {
    return targetOf(this.#route).host
  }

  get user(): string {
    return targetOf(this.#route).user
  }

  get port(): number {
    return targetOf(this.#route).port
  }

  get state(): HopState {
    return this.#node.state
  }

  /** Settles once for each life of the connection, when it has been closed or lost. Never rejects. */
  get closed(): Promise<HopEnd> {
    return this.#node.ended
  }

  /** The connection through which this one goes, where one was passed in. */
  get gateway(): Connection | undefined {
    return this.#gateway instanceof Connection ? this.#gateway : undefined
  }

  /** The route to the host, hop by hop. Touches no network. */
  async resolve(): Promise<Route> {
    return this.#route
  }

  /** Opens the connection and the gateways before it; joins an attempt that is under way. */
  async open(options: CallOptions = {}): Promise<this> {
    checkCallOptions(options)
    const lease = await this.#acquire(options)
    lease.release()
    return this
  }

  /**
   * Runs a command to its end. Rejects with `CommandError`, which has the shape of the result, when the exit code is not
   * one of `okExitCodes`. With `encoding: 'buffer'` the result has bytes.
   */
  run(command: Command, options?: RunOptions): Promise<CommandResult>
  run(command: Command, options: RunBufferOptions): Promise<CommandResult<Buffer>>
  run(
    command: Command,
    options: RunOptions | RunBufferOptions = {},
  ): Promise<CommandResult<string> | CommandResult<Buffer>> {
    return run(this.#acquire, command, options as RunOptions)
  }

  /** Starts a command whose streams are the caller's. Resolves when the server has accepted it. */
  spawn(command: Command, options: SpawnOptions = {}): Promise<RunningCommand> {
    return spawn(this.#acquire, command, options)
  }

  /** Connects this terminal, or given streams, with a shell on the host, until the shell ends. */
  shell(options: ShellOptions = {}): Promise<ProcessEnd> {
    return shell(this.#acquire, options)
  }

  /**
   * Opens a stream from the host to `address`; the host resolves the name. The caller destroys the stream. It keeps the
   * process alive while it is open.
   */
  async dial(address: Address, options: CallOptions = {}): Promise<Duplex> {
    checkAddress(address)
    checkCallOptions(options)
    return dialThrough(this.#acquire, address, options)
  }

  /**
   * Ends the connection, and the gateways that configuration made for it and nobody else uses. A gateway that was
   * passed in stays open. Safe at any moment; resolves when nothing is left; never rejects.
   */
  close(): Promise<void> {
    return this.#node.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** @internal */
  [gatewayRoute](): Route {
    return this.#route
  }

  /** @internal */
  get [hopNode](): HopNode {
    return this.#node
  }

  toJSON(): { readonly hops: readonly string[]; readonly state: HopState } {
    const hops = this.#route.hops.map(({ user, host, port }) => `${user}@${host}:${port}`)
    return { hops, state: this.state }
  }

  [inspect.custom](): string {
    const { hops, state } = this.toJSON()
    return `Connection(${hops.join(' → ')}, ${state})`
  }
}

/** Makes a connection and opens it. Never throws: what the constructor would throw rejects. */
export async function connect(
  host: string,
  options: ConnectionOptions & CallOptions = {},
): Promise<Connection> {
  const { signal, timeoutMs, ...settings } = options
  return new Connection(host, settings).open({ signal, timeoutMs })
}

function findNode(gateway: GatewayConnection | undefined): HopNode | undefined {
  return gateway instanceof Connection ? gateway[hopNode] : undefined
}

// A connection that nobody can reach any more, but that is still open, was forgotten: say where it was made.
const dropped = new FinalizationRegistry<{ readonly node: HopNode; readonly madeAt: string }>(
  ({ node, madeAt }) => {
    if (node.state !== 'open') return
    reportWarning({ hop: node.ref, message: `dropped without close(); it was made ${madeAt}` })
  },
)

const thisFile = new URL(import.meta.url).pathname

function watchForDropped(connection: Connection, node: HopNode): void {
  const [, ...frames] = new Error().stack?.split('\n') ?? []
  const outside = frames.find((frame) => !frame.includes(thisFile))
  const madeAt = outside?.trim() ?? 'at an unknown place'
  dropped.register(connection, { node, madeAt })
}
