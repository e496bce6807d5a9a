// How far the work of a group is: counted as a whole, and for each gateway.

import type { Member, Outcome } from '../index.js'

/** How many members are where. */
export interface Counts {
  readonly members: number
  readonly running: number
  readonly succeeded: number
  readonly failed: number
  readonly skipped: number
}

/** A gateway, or none, and the members right behind it. */
export interface GatewayCounts extends Counts {
  /** `undefined` for the members that are reached directly. */
  readonly gateway: string | undefined
}

type Place = 'running' | Outcome<unknown>['status']

/** Follows each member from its turn to its outcome. */
export class GroupTally {
  readonly #members: readonly Member[]
  readonly #running: () => readonly Member[]
  readonly #ends = new Map<string, Outcome<unknown>['status']>()

  /** `running` tells whose turn it is at any moment. */
  constructor(members: readonly Member[], running: () => readonly Member[]) {
    this.#members = members
    this.#running = running
  }

  end({ member, status }: Outcome<unknown>): void {
    this.#ends.set(member.id, status)
  }

  /** Counts each outcome when it is there; resolves after the last one. */
  async follow(outcomes: AsyncIterable<Outcome<unknown>>): Promise<void> {
    for await (const outcome of outcomes) this.end(outcome)
  }

  get counts(): Counts {
    return this.#count(this.#members, this.#places())
  }

  /** In the order in which the group names them. */
  get gateways(): readonly GatewayCounts[] {
    const behind = new Map<string | undefined, Member[]>()
    for (const member of this.#members) {
      const others = behind.get(member.gateway)
      if (others === undefined) behind.set(member.gateway, [member])
      else others.push(member)
    }
    const places = this.#places()
    return [...behind].map(([gateway, members]) => ({ gateway, ...this.#count(members, places) }))
  }

  get running(): readonly Member[] {
    const places = this.#places()
    return this.#members.filter(({ id }) => places.get(id) === 'running')
  }

  /** Where each member is that does not wait. */
  #places(): ReadonlyMap<string, Place> {
    const running = this.#running().map(({ id }) => [id, 'running'] as const)
    return new Map<string, Place>([...running, ...this.#ends])
  }

  #count(members: readonly Member[], places: ReadonlyMap<string, Place>): Counts {
    const at = (place: Place): number => members.filter(({ id }) => places.get(id) === place).length
    return {
      members: members.length,
      running: at('running'),
      succeeded: at('succeeded'),
      failed: at('failed'),
      skipped: at('skipped'),
    }
  }
}
