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

type Place = 'waiting' | 'running' | Outcome<unknown>['status']

/** Follows each member from its turn to its outcome. */
export class GroupTally {
  readonly #members: readonly Member[]
  readonly #places = new Map<string, Place>()

  constructor(members: readonly Member[]) {
    this.#members = members
  }

  begin({ id }: Member): void {
    if (!this.#places.has(id)) this.#places.set(id, 'running')
  }

  end({ member, status }: Outcome<unknown>): void {
    this.#places.set(member.id, status)
  }

  get counts(): Counts {
    return this.#count(this.#members)
  }

  /** In the order in which the group names them. */
  get gateways(): readonly GatewayCounts[] {
    const behind = new Map<string | undefined, Member[]>()
    for (const member of this.#members) {
      const others = behind.get(member.gateway)
      if (others === undefined) behind.set(member.gateway, [member])
      else others.push(member)
    }
    return [...behind].map(([gateway, members]) => ({ gateway, ...this.#count(members) }))
  }

  get running(): readonly Member[] {
    return this.#members.filter(({ id }) => this.#places.get(id) === 'running')
  }

  #count(members: readonly Member[]): Counts {
    const at = (place: Place): number => members.filter(({ id }) => this.#places.get(id) === place).length
    return {
      members: members.length,
      running: at('running'),
      succeeded: at('succeeded'),
      failed: at('failed'),
      skipped: at('skipped'),
    }
  }
}
