// Who belongs to a group: the hosts, each with its route, once for each route. Found out on first use, for all who ask.

import { setMaxListeners } from 'node:events'
import { abortError } from '../aborted.js'
import { Connection, type ConnectionOptions } from '../connection.js'
import type { CallOptions } from '../dialer.js'
import { SallyportError } from '../errors.js'
import { watchDeparture } from '../hops/departure.js'
import { JoinedAttempt } from '../hops/joined-attempt.js'
import { printable } from '../printable.js'
import type { Route } from '../route/route.js'
import type { ListHosts } from './hosts.js'
import { MemberConnection } from './member-connection.js'
import { RouteNames } from './member-id.js'
import type { Member } from './outcome.js'

/** A member, and how it is reached; or why it cannot be. */
export type Entry = Reachable | Unreachable

export interface Reachable {
  readonly member: Member
  readonly route: Route
  readonly connection: MemberConnection
}

export interface Unreachable {
  readonly member: Member
  readonly error: unknown
}

/** Routes that are looked up at once. */
const mostLookups = 16

export class Roster {
  readonly #listHosts: ListHosts
  readonly #options: ConnectionOptions
  #entries: readonly Entry[] | undefined
  #attempt: JoinedAttempt<readonly Entry[]> | undefined

  constructor(listHosts: ListHosts, options: ConnectionOptions) {
    this.#listHosts = listHosts
    this.#options = options
  }

  /**
   * The members in the order in which they were named. Rejects with what the inventory rejects with, or with the
   * caller's departure; then the next call asks again.
   */
  async find(call: CallOptions): Promise<readonly Entry[]> {
    if (this.#entries !== undefined) return this.#entries
    if (call.signal?.aborted === true) throw abortError(call.signal.reason, { phase: 'resolve' })
    const departure = watchDeparture(call, {
      aborted: (reason) => abortError(reason, { phase: 'resolve' }),
      late: (limit) =>
        new SallyportError('TIMEOUT', `the hosts of the group were not found within ${limit} ms`, {
          phase: 'resolve',
        }),
    })
    try {
      while (this.#attempt?.isLeaving === true) {
        const error = await Promise.race([departure.left, this.#attempt.settled()])
        if (error !== undefined) throw error
      }
      if (this.#entries !== undefined) return this.#entries
      this.#attempt ??= this.#begin()
      return await this.#attempt.join(departure.left)
    } finally {
      departure.dispose()
    }
  }

  #begin(): JoinedAttempt<readonly Entry[]> {
    return new JoinedAttempt<readonly Entry[]>(
      async (signal) => {
        setMaxListeners(mostLookups * 4, signal)
        return this.#lookUp(await this.#listHosts(signal), signal)
      },
      (outcome) => {
        this.#attempt = undefined
        if ('value' in outcome) this.#entries = outcome.value
      },
    )
  }

  async #lookUp(hosts: readonly (string | Connection)[], signal: AbortSignal): Promise<readonly Entry[]> {
    const distinct = [...new Set(hosts)]
    const found: (Found | undefined)[] = []
    let next = 0
    const lookUp = async (): Promise<void> => {
      for (let index = next++; index < distinct.length; index = next++) {
        const host = distinct[index]
        if (host !== undefined) found[index] = await this.#lookUpOne(host, signal)
      }
    }
    await Promise.all(Array.from({ length: mostLookups }, lookUp))
    return entriesOf(found.filter((each) => each !== undefined))
  }

  async #lookUpOne(host: string | Connection, signal: AbortSignal): Promise<Found> {
    const isOurs = typeof host === 'string'
    const name = isOurs ? host : host.host
    try {
      signal.throwIfAborted()
      const connection = isOurs ? new Connection(host, this.#options) : host
      const route = await connection.resolve({ signal })
      return { name: connection.host, route, connection: new MemberConnection(connection, { isOurs }) }
    } catch (error) {
      // What nobody waits for any more says nothing about the host.
      signal.throwIfAborted()
      return { name, error }
    }
  }
}

type Found = { readonly name: string } & (Omit<Reachable, 'member'> | Omit<Unreachable, 'member'>)

/** Each route once, by the host that named it first. */
function entriesOf(found: readonly Found[]): readonly Entry[] {
  const names = new RouteNames()
  const entries = new Map<string, Entry>()
  for (const { name, ...rest } of found) {
    const named =
      'route' in rest ? names.nameOf(rest.route) : { id: printable(name, 300), gateway: undefined }
    const key = `${'route' in rest ? 'route' : 'name'} ${named.id}`
    const member = Object.freeze({ id: named.id, host: printable(name, 300), gateway: named.gateway })
    if (!entries.has(key)) entries.set(key, { member, ...rest })
  }
  return Object.freeze([...entries.values()])
}
