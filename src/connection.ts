// Connection: a thin face over the folders below. It checks and records; nothing is opened before its first use.

import { inspect } from 'node:util'
import { openConfiguration } from './config/configuration.js'
import { invalid } from './config/kinds.js'
import type { ExecPolicy } from './config/ssh-config/answer.js'
import { unlessAborted } from './config/unless-aborted.js'
import { reportWarning } from './diagnostics.js'
import type { Address, CallOptions, Dialer } from './dialer.js'
import type { Command } from './exec/command.js'
import { type LocalOptions, local } from './exec/local.js'
import { type CommandResult, type RunBufferOptions, type RunOptions, run } from './exec/run.js'
import { type ShellOptions, shell } from './exec/shell.js'
import { type RunningCommand, type SpawnOptions, spawn } from './exec/spawn.js'
import { type SudoBufferOptions, type SudoOptions, sudo } from './exec/sudo.js'
import { get } from './files/get.js'
import { put } from './files/put.js'
import type {
  BytesResult,
  GetBytes,
  GetTarget,
  PutSource,
  TransferOptions,
  TransferResult,
} from './files/transfer.js'
import type { Forward } from './forward/forward.js'
import { forwardConfigured } from './forward/forward-configured.js'
import { type DynamicForwardRequest, forwardDynamic } from './forward/forward-dynamic.js'
import { forwardLocal, type LocalForwardRequest } from './forward/forward-local.js'
import { forwardRemote, type RemoteForwardRequest } from './forward/forward-remote.js'
import { OpenForwards } from './forward/open-forwards.js'
import { chainOf } from './hops/chain.js'
import type { HopEnd, HopNode, HopState } from './hops/hop-node.js'
import type { Acquire } from './hops/lease.js'
import { checkCallOptions } from './option-check.js'
import { Preparation, type Prepared } from './preparation.js'
import { formatDestination } from './route/destination.js'
import { findGatewayConnection, type GatewayConnection, gatewayRoute } from './route/gateway.js'
import { checkRequest, type RouteOptions, type RouteRequest } from './route/request.js'
import { resolveRoute } from './route/resolve.js'
import { type Hop, type Route, targetOf } from './route/route.js'
import { openSftp } from './sftp/open-sftp.js'
import type { Sftp } from './sftp/sftp.js'
import { dialSocket, openSocket, type Socket } from './socket/open-socket.js'
import type { SocketOptions } from './socket/socket-options.js'
import type { ProcessEnd } from './wire/wire.js'

/** The settings of the host, and what stands before it. */
export type ConnectionOptions = RouteOptions & {
  /** As of `resolve()`, but `skip`, which is for looking only. */
  readonly exec?: Exclude<ExecPolicy, 'skip'> | undefined
}

/** By this a connection finds the hop of the connection that it was given as a gateway. */
const hopNode: unique symbol = Symbol('sallyport.hopNode')

/**
 * A connection to a host, through any number of gateways. Its route is looked up on first use, and then it opens; it
 * opens again, by the same route, on the next use after it was closed or lost. An open connection without work does
 * not keep the process alive.
 */
export class Connection implements Dialer, GatewayConnection, AsyncDisposable {
  readonly #request: RouteRequest
  readonly #preparation: Preparation
  readonly #acquire: Acquire
  readonly #forwards = new OpenForwards()
  /** How many wait for the route in order to use the connection, not only to look at it. */
  #waiting = 0
  #wasUsed = false

  /**
   * @param host `name`, `user@name`, `name:port`, `user@[v6]:port`, or `ssh://user@name:port`.
   * @param options Recorded, never changed. What is wrong in itself throws a `ConfigError` here; what the configured
   * sources have to do with it is found by the first use, or by `resolve()`.
   */
  constructor(host: string, options: ConnectionOptions = {}) {
    const request = checkRequest(host, options)
    if (request.configuration.exec === 'skip') throw invalid('option exec', 'skip is for resolve() only')
    const madeAt = outsideOf(new Error())
    this.#request = request
    this.#preparation = new Preparation(request.destination.host, async (signal) => {
      const prepared = await prepare(request, signal)
      signal.throwIfAborted()
      dropped.register(this, { node: prepared.node, madeAt })
      return prepared
    })
    this.#acquire = async (call) => {
      const startedAt = performance.now()
      this.#waiting += 1
      const { node, remarks } = await this.#preparation.get(call).finally(() => {
        this.#waiting -= 1
      })
      if (!this.#wasUsed) for (const message of remarks) reportWarning({ hop: node.ref, message })
      this.#wasUsed = true
      return node.acquire('work', withoutSpent(call, performance.now() - startedAt))
    }
  }

  /** The host as it was named. */
  get host(): string {
    return this.#request.destination.host
  }

  /** As given; else `undefined` until the route has been found. */
  get user(): string | undefined {
    const { destination, runtime } = this.#request
    return this.#target?.user ?? destination.user ?? runtime.values.user
  }

  /** As given; else `undefined` until the route has been found. */
  get port(): number | undefined {
    const { destination, runtime } = this.#request
    return this.#target?.port ?? destination.port ?? runtime.values.port
  }

  get state(): HopState {
    const { state } = this.#preparation
    return state === 'idle' && this.#waiting > 0 ? 'opening' : state
  }

  /** Settles once for each life of the connection, when it has been closed or lost. Never rejects. */
  get closed(): Promise<HopEnd> {
    return this.#preparation.ended
  }

  /** The connection through which this one goes, where one was passed in. */
  get gateway(): Connection | undefined {
    const { gateway } = this.#request
    const connection = gateway && findGatewayConnection(gateway)
    return connection instanceof Connection ? connection : undefined
  }

  /**
   * The route to the host, hop by hop. Dials nothing. The sources are asked once: what they say later is for another
   * connection. Rejects with `ConfigError`.
   */
  async resolve(options: CallOptions = {}): Promise<Route> {
    checkCallOptions(options)
    const { route } = await this.#preparation.get(options)
    return route
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
   * Runs a command as another user, by default root, by sudo(8). Rejects with SUDO_PASSWORD_REFUSED,
   * SUDO_PASSWORD_NEEDED or SUDO_REFUSED when sudo does not let it run, and as `run` does.
   */
  sudo(command: Command, options?: SudoOptions): Promise<CommandResult>
  sudo(command: Command, options: SudoBufferOptions): Promise<CommandResult<Buffer>>
  sudo(
    command: Command,
    options: SudoOptions | SudoBufferOptions = {},
  ): Promise<CommandResult<string> | CommandResult<Buffer>> {
    return sudo(this.#acquire, command, options)
  }

  /** Runs a command on this machine, with the result of a remote one. Opens nothing. */
  local(command: Command, options: LocalOptions = {}): Promise<CommandResult> {
    return local(command, options)
  }

  /**
   * Uploads a file, a directory, bytes or a stream. Each file is there whole or not at all: it is written beside its
   * place and then renamed. `remote` is a file, a directory that is there, or by default the name of the source in the
   * home directory.
   */
  put(source: PutSource, remote?: string, options: TransferOptions = {}): Promise<TransferResult> {
    return put(this.#acquire, { local: source, remote }, options)
  }

  /**
   * Downloads a file or a directory, to a path here, into a stream, or as bytes. Each file is there whole or not at all.
   * Default for `target`: the name of the remote file in the working directory.
   */
  get(remote: string, target: GetBytes, options?: TransferOptions): Promise<BytesResult>
  get(remote: string, target?: GetTarget, options?: TransferOptions): Promise<TransferResult>
  get(remote: string, target?: GetTarget, options: TransferOptions = {}): Promise<TransferResult> {
    return get(this.#acquire, { remote, local: target }, options)
  }

  /** Opens an SFTP session. The caller closes it. */
  sftp(options: CallOptions = {}): Promise<Sftp> {
    checkCallOptions(options)
    return openSftp(this.#acquire, options)
  }

  /**
   * Opens a socket from the host to `address`; the host resolves the name. The caller destroys the socket. It keeps the
   * process alive while it is open, unless it is told not to by `unref`.
   */
  dial(address: Address, options: CallOptions = {}): Promise<Socket> {
    return dialSocket(this.#acquire, address, options)
  }

  /**
   * A socket from the host to `address` that opens while you hold it, as of net.connect; without an address it waits for
   * its own `connect`. What goes wrong is its `error`, a `SocketError` with the codes of Node.
   */
  socket(address?: Address, options: SocketOptions = {}): Socket {
    return openSocket(this.#acquire, address, options)
  }

  /** Listens here, and leads what connects to `to`, which the host dials (ssh(1) -L). Opens the connection first. */
  forwardLocal(request: LocalForwardRequest): Promise<Forward> {
    return this.#forwards.add(() => forwardLocal(this.#acquire, request))
  }

  /** Has the host listen, and leads what connects there to `to`, which is dialled from here (ssh(1) -R). */
  forwardRemote(request: RemoteForwardRequest): Promise<Forward> {
    return this.#forwards.add(() => forwardRemote(this.#acquire, request))
  }

  /** Listens here as a SOCKS and HTTP proxy, whose destinations the host dials (ssh(1) -D). */
  forwardDynamic(request: DynamicForwardRequest = {}): Promise<Forward> {
    return this.#forwards.add(() => forwardDynamic(this.#acquire, request))
  }

  /** Opens the forwards that the settings of the host name: `localForward`, `dynamicForward` and `remoteForward`. */
  async forwardConfigured(options: CallOptions = {}): Promise<readonly Forward[]> {
    checkCallOptions(options)
    return this.#forwards.add(async (closing) => {
      const signal = options.signal === undefined ? closing : AbortSignal.any([closing, options.signal])
      const { settings } = targetOf(await this.resolve({ ...options, signal }))
      return forwardConfigured(this.#acquire, settings, { ...options, signal })
    })
  }

  /**
   * Ends the connection, and the gateways that configuration made for it and nobody else uses. A gateway that was
   * passed in stays open. Its forwards end, too. Safe at any moment; resolves when nothing is left; never rejects.
   */
  async close(): Promise<void> {
    await Promise.all([this.#forwards.close(), this.#preparation.close()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** For connections that go through this one. */
  [gatewayRoute](options: CallOptions = {}): Promise<Route> {
    return this.resolve(options)
  }

  /** @internal Known once the route is. */
  get [hopNode](): HopNode | undefined {
    return this.#preparation.prepared?.node
  }

  toJSON(): { readonly hops: readonly string[]; readonly state: HopState } {
    const { host, user, port } = this
    const hops = this.#preparation.prepared?.route.hops.map(
      (hop) => `${hop.user}@${hop.host}:${hop.port}`,
    ) ?? [formatDestination({ host, user, port })]
    return { hops, state: this.state }
  }

  [inspect.custom](): string {
    const { hops, state } = this.toJSON()
    return `Connection(${hops.join(' → ')}, ${state})`
  }

  get #target(): Hop | undefined {
    const route = this.#preparation.prepared?.route
    return route === undefined ? undefined : targetOf(route)
  }
}

async function prepare(request: RouteRequest, signal: AbortSignal): Promise<Prepared> {
  const configuration = await unlessAborted(signal, () => openConfiguration(request.configuration))
  if (configuration.exec === 'skip') throw invalid('option sshConfig', 'skip is for resolve() only')
  const { route, gateway, remarks } = await resolveRoute(request, configuration, { signal })
  const node = chainOf(route, gateway instanceof Connection ? gateway[hopNode] : undefined)
  return { route, node, gateway, remarks }
}

function withoutSpent(call: CallOptions, spentMs: number): CallOptions {
  return call.timeoutMs === undefined ? call : { ...call, timeoutMs: Math.max(0, call.timeoutMs - spentMs) }
}

/** Makes a connection and opens it. Never throws: what the constructor would throw rejects. */
export async function connect(
  host: string,
  options: ConnectionOptions & CallOptions = {},
): Promise<Connection> {
  const { signal, timeoutMs, ...settings } = options
  return new Connection(host, settings).open({ signal, timeoutMs })
}

// A connection that nobody can reach any more, but that is still open, was forgotten: say where it was made.
const dropped = new FinalizationRegistry<{ readonly node: HopNode; readonly madeAt: string }>(
  ({ node, madeAt }) => {
    if (node.state !== 'open') return
    reportWarning({ hop: node.ref, message: `dropped without close(); it was made ${madeAt}` })
  },
)

const thisFile = new URL(import.meta.url).pathname

/** The line of the stack that called into this file. */
function outsideOf(error: Error): string {
  const [, ...frames] = error.stack?.split('\n') ?? []
  const outside = frames.find((frame) => !frame.includes(thisFile))
  return outside?.trim() ?? 'at an unknown place'
}
