// Group: many connections, and the same work on each.

import type { Connection, ConnectionOptions } from '../connection.js'
import type { CallOptions } from '../dialer.js'
import type { Command } from '../exec/command.js'
import type { CommandResult, RunOptions } from '../exec/run.js'
import type { SudoOptions } from '../exec/sudo.js'
import type { GetTarget, PutSource, TransferOptions, TransferResult } from '../files/transfer.js'
import type { GroupWork } from './group-work.js'
import type { Member } from './outcome.js'

/** The hosts of a group, or a function that finds them out when the group is first used: an inventory. */
export type GroupHosts = HostList | (() => HostList | Promise<HostList>)

/** Hosts by their names, as of `new Connection`, or connections, which are borrowed and stay open. */
export type HostList = Iterable<string | Connection> | AsyncIterable<string | Connection>

/** How the work is spread over the members. */
export interface Pace {
  /** How many at once; 1 for one after the other. Default 50. */
  readonly parallel?: number | undefined
  /** First so many members, and when they have ended the others in waves of this size, or of this share of all members. */
  readonly waves?: Waves | undefined
  /** After so many failures nothing is begun any more; the rest is `skipped`. Default: no limit. */
  readonly stopAfterFailures?: number | undefined
}

export interface Waves {
  readonly first: number | `${number}%`
  readonly then: number | `${number}%`
}

/** For the connections that the group makes, and for the pace of all its work. */
export interface GroupOptions extends Pace {
  /** Of each host that was given by its name. */
  readonly connection?: ConnectionOptions | undefined
}

/** What a call may say of its pace, which beats the group's. */
export type PacedOptions<Options> = Options & Pace

/**
 * Many hosts, each a member once, however often it was named. Gateways are shared as by any connections. The
 * connections that the group makes are open only while it works on them, and end with `close`.
 */
export class Group implements AsyncDisposable {
  constructor(_hosts: GroupHosts, _options: GroupOptions = {}) {
    throw new Error('not there yet')
  }

  /** Who belongs to it; asks the inventory, and looks each route up. Dials nothing. */
  members(_options: CallOptions = {}): Promise<readonly Member[]> {
    throw new Error('not there yet')
  }

  /** `Connection.run` on each member. */
  run(_command: Command, _options: PacedOptions<RunOptions> = {}): GroupWork<CommandResult> {
    throw new Error('not there yet')
  }

  /** `Connection.sudo` on each member; a password that is a function is told the host. */
  sudo(_command: Command, _options: PacedOptions<SudoOptions> = {}): GroupWork<CommandResult> {
    throw new Error('not there yet')
  }

  /** `Connection.put` to each member. `{host}` and the like in `remote` stand for those of the member. */
  put(
    _local: PutSource,
    _remote?: string,
    _options: PacedOptions<TransferOptions> = {},
  ): GroupWork<TransferResult> {
    throw new Error('not there yet')
  }

  /** `Connection.get` from each member. Default for `local`: `{host}/`. */
  get(
    _remote: string,
    _local?: Extract<GetTarget, string>,
    _options: PacedOptions<TransferOptions> = {},
  ): GroupWork<TransferResult> {
    throw new Error('not there yet')
  }

  /** Anything: `work` gets the connection of each member, and a signal that it should heed. */
  map<T>(
    _work: (connection: Connection, context: MapContext) => T | Promise<T>,
    _options: PacedOptions<CallOptions> = {},
  ): GroupWork<T> {
    throw new Error('not there yet')
  }

  /** Closes what the group made; work under way fails with CLOSED. Never rejects. */
  close(): Promise<void> {
    throw new Error('not there yet')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** What `Group.map` tells of a member. */
export interface MapContext {
  readonly member: Member
  readonly signal: AbortSignal
}
