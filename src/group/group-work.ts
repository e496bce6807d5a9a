// Work that a group has under way: its outcomes as they come, and all together.

import type { Member, Outcome } from './outcome.js'

/**
 * The work of a group, which is under way from the moment it is given. Iterating gives each outcome as it comes, in any
 * number of loops; leaving a loop stops nothing. A failed member is an outcome and rejects nothing but `results`.
 */
export interface GroupWork<T> extends AsyncIterable<Outcome<T>, void, undefined> {
  /**
   * Whose turn has come and who has no outcome yet: those that are being connected to, and those at work. In the order in
   * which they began.
   */
  readonly running: readonly Member[]
  /**
   * All outcomes in the order of the group, when the last is there. Rejects only when the hosts cannot be found out, or the
   * signal is aborted before they are.
   */
  outcomes(): Promise<readonly Outcome<T>[]>
  /** The values in the order of the group. Rejects with `GroupError` when any member failed or was skipped. */
  results(): Promise<readonly T[]>
  /** Begins with no further member; what runs goes on. For all at once, abort the `signal` of the call. */
  stop(): void
}
