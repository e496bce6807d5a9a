// Group: many connections, and the same work on each. It checks and records; what is done stands in the files beside it.

import { Connection, type ConnectionOptions } from '../connection.js'
import type { CallOptions } from '../dialer.js'
import { SallyportError } from '../errors.js'
import { type Command, formatCommand } from '../exec/command.js'
import type { CommandResult, RunOptions } from '../exec/run.js'
import { checkRunOptions } from '../exec/run-options.js'
import { checkSudoOptions, type SudoOptions } from '../exec/sudo-options.js'
import type { GetTarget, PutSource, TransferOptions, TransferResult } from '../files/transfer.js'
import { checkTransferOptions } from '../files/transfer-rules.js'
import { checkCallOptions, checkNames, checkSignal } from '../option-check.js'
import { Call, type CallRequest } from './call.js'
import { findSharedPlaces, placeOf } from './get-places.js'
import type { GroupWork } from './group-work.js'
import { type GroupHosts, hostsOf } from './hosts.js'
import { type MapContext, mapWork } from './map-work.js'
import type { Member } from './outcome.js'
import { checkPace, fullPace, type Pace, type PacedOptions, paceNames } from './pace.js'
import { type Entry, Roster } from './roster.js'
import { checkRepeatable, SharedSinks } from './shared-streams.js'
import type { Turn } from './take-turn.js'

export type { GroupHosts, HostList } from './hosts.js'
export type { MapContext } from './map-work.js'
export type { Pace, PacedOptions, Waves } from './pace.js'

/** For the connections that the group makes, and for the pace of all its work. */
export interface GroupOptions extends Pace {
  /** Of each host that was given by its name. */
  readonly connection?: ConnectionOptions | undefined
}

/**
 * Many hosts, each a member once, however often it was named. Gateways are shared as by any connections. The
 * connections that the group makes are open only while it works on them, and so are the gateways that configuration
 * made; connections that were passed in stay open.
 */
export class Group implements AsyncDisposable {
  readonly #roster: Roster
  readonly #pace: Pace
  readonly #calls = new Set<Pick<Call<unknown>, 'abort' | 'over'>>()

  /**
   * @param hosts Asked when the group is first used. A list that can be read once only is read once only.
   * @param options Recorded. What is wrong in itself throws here, a TypeError or a `ConfigError`.
   */
  constructor(hosts: GroupHosts, options: GroupOptions = {}) {
    checkNames(options, { connection: true, ...paceNames })
    checkPace(options)
    const { connection = {}, ...pace } = options
    const settings = { ...connection }
    // What is wrong in the options themselves is wrong whatever the host is.
    new Connection('host', settings)
    this.#roster = new Roster(hostsOf(hosts), settings)
    this.#pace = pace
  }

  /**
   * Who belongs to it, in the order of the group: asks the inventory, and looks each route up; dials nothing. Rejects
   * with what the inventory rejects with. A host whose route cannot be found is a member; work on it fails.
   */
  async members(options: CallOptions = {}): Promise<readonly Member[]> {
    checkCallOptions(options)
    const entries = await this.#roster.find(options)
    return Object.freeze(entries.map(({ member }) => member))
  }

  /**
   * `Connection.run` on each member. An `input` has to be text or bytes, which each member gets; streams for output get
   * that of all members, as it comes.
   */
  run(command: Command, options: PacedOptions<RunOptions> = {}): GroupWork<CommandResult> {
    const { call, own } = splitOptions(options, this.#pace)
    formatCommand(command)
    checkRunOptions(own)
    checkRepeatable('option input', own.input)
    const sinks = new SharedSinks(own)
    const work = ({ connection, signal }: Turn) =>
      connection.run(command, { ...own, ...sinks.forMember(), signal })
    return this.#start({ ...call, work, release: () => sinks.release() })
  }

  /** `Connection.sudo` on each member, as `run`; a password that is a function is told the host. */
  sudo(command: Command, options: PacedOptions<SudoOptions> = {}): GroupWork<CommandResult> {
    const { call, own } = splitOptions(options, this.#pace)
    formatCommand(command)
    checkSudoOptions(own)
    checkRepeatable('option input', own.input)
    const sinks = new SharedSinks(own)
    const work = ({ connection, signal }: Turn) =>
      connection.sudo(command, { ...own, ...sinks.forMember(), signal })
    return this.#start({ ...call, work, release: () => sinks.release() })
  }

  /**
   * `Connection.put` to each member: of a path or of bytes, because a stream can be read once only. `{host}` and the like
   * in `remote` stand for those of the member.
   */
  put(
    local: PutSource,
    remote?: string,
    options: PacedOptions<TransferOptions> = {},
  ): GroupWork<TransferResult> {
    const { call, own } = splitOptions(options, this.#pace)
    checkTransferOptions(own)
    const { timeoutMs, ...rest } = own
    if (local === undefined) throw new TypeError('local: must be a path or bytes')
    checkRepeatable('local', local)
    const work = ({ connection, signal, leftMs }: Turn) =>
      connection.put(local, remote, { ...rest, signal, timeoutMs: leftMs() })
    return this.#start({ ...call, timeoutMs, work })
  }

  /**
   * `Connection.get` from each member. Default for `local`: `{host}/`. Besides `{host}` and the like it may have `{id}`,
   * the member's id with `_` for what is no letter, digit, `.`, `-` or `@`. Members whose files would come to the same
   * place fail with TRANSFER_FAILED before anything is fetched from them.
   */
  get(
    remote: string,
    local: Extract<GetTarget, string> = '{host}/',
    options: PacedOptions<TransferOptions> = {},
  ): GroupWork<TransferResult> {
    const { call, own } = splitOptions(options, this.#pace)
    checkTransferOptions(own)
    const { timeoutMs, ...rest } = own
    if (typeof remote !== 'string') throw new TypeError('remote: must be a path')
    if (typeof local !== 'string') throw new TypeError('local: must be a path')
    const work = ({ connection, member, signal, leftMs }: Turn) =>
      connection.get(remote, placeOf(local, member), { ...rest, signal, timeoutMs: leftMs() })
    const refuse = (entries: readonly Entry[]) => findSharedPlaces(local, entries)
    return this.#start({ ...call, timeoutMs, work, refuse })
  }

  /**
   * Anything: `work` gets the open connection of each member, which it need not close, and a signal that it should heed.
   * Its outcome is there when it has settled, or a moment after its signal was aborted.
   */
  map<T>(
    work: (connection: Connection, context: MapContext) => T | Promise<T>,
    options: PacedOptions<CallOptions> = {},
  ): GroupWork<T> {
    const { call, own } = splitOptions(options, this.#pace)
    checkCallOptions(own)
    if (typeof work !== 'function') throw new TypeError('work: must be a function')
    const { timeoutMs } = own
    return this.#start({ ...call, timeoutMs, work: (turn) => mapWork(work, { turn, timeoutMs }) })
  }

  /** Ends what is under way, which fails with CLOSED. Resolves when nothing is left; never rejects. */
  async close(): Promise<void> {
    const reason = new SallyportError('CLOSED', 'the group was closed')
    const calls = [...this.#calls]
    for (const call of calls) call.abort(reason)
    await Promise.all(calls.map(({ over }) => over))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #start<T>(request: CallRequest<T>): GroupWork<T> {
    const call = new Call<T>(request, (find) => this.#roster.find(find))
    this.#calls.add(call)
    void call.over.then(() => this.#calls.delete(call))
    return call.work
  }
}

/** What a call says of its pace, what it waits for, and its own options. */
function splitOptions<O extends CallOptions>(
  options: PacedOptions<O>,
  ofGroup: Pace,
): {
  readonly call: Pick<CallRequest<never>, 'pace' | 'signal'>
  readonly own: Omit<O, keyof Pace | 'signal'>
} {
  if (typeof options !== 'object' || options === null) throw new TypeError('options: must be an object')
  const { parallel, waves, stopAfterFailures, signal, ...own } = options
  const pace = { parallel, waves, stopAfterFailures }
  checkPace(pace)
  checkSignal(signal)
  return { call: { pace: fullPace(pace, ofGroup), signal }, own }
}
