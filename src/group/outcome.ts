// What became of one member of a group, and the error that all of them make together.

import { SallyportError } from '../errors.js'

/** One host of a group. */
export interface Member {
  /**
   * The whole route, as in `ops@bastion:22 > root@10.0.0.5:22`: two members are the same only if this is. The host as it
   * was named when its route could not be found.
   */
  readonly id: string
  /** The host as it was named. */
  readonly host: string
  /** The id of the gateway right before the host, with its whole route; `undefined` for none. */
  readonly gateway: string | undefined
}

/** How it went with one member. `skipped` was never begun. */
export type Outcome<T> = Succeeded<T> | Failed | Skipped

interface OutcomeOf {
  readonly member: Member
  /** Milliseconds from the moment when the member's turn came. */
  readonly durationMs: number
}

export interface Succeeded<T> extends OutcomeOf {
  readonly status: 'succeeded'
  readonly value: T
}

export interface Failed extends OutcomeOf {
  readonly status: 'failed'
  /** What the work rejected with: most often a {@link SallyportError}. */
  readonly error: unknown
}

export interface Skipped extends OutcomeOf {
  readonly status: 'skipped'
  readonly reason: 'stopped' | 'too many failures'
}

/** Some members failed or were skipped; what the others gave is in `outcomes`, too. */
export class GroupError<T = unknown> extends SallyportError {
  override readonly name = 'GroupError'
  /** Of all members, in the order of the group. */
  readonly outcomes: readonly Outcome<T>[]

  constructor(what: string, outcomes: readonly Outcome<T>[]) {
    super('GROUP_FAILED', what)
    this.outcomes = outcomes
  }
}
