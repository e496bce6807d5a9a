// A member's turn from its opening to its end: opens its connection, does the work, and closes what nobody uses any more.

import { abortError } from '../aborted.js'
import type { Connection } from '../connection.js'
import { lacksDescriptors } from '../lacks-descriptors.js'
import type { HeldGateways } from './held-gateways.js'
import type { Openings } from './openings.js'
import type { Member } from './outcome.js'
import type { Reachable } from './roster.js'

/** What the work of a call is given for one member. */
export interface Turn {
  readonly member: Member
  readonly connection: Connection
  /** Aborted with the call. */
  readonly signal: AbortSignal
  /** What is left of the member's time; `undefined` for no limit. */
  readonly leftMs: () => number | undefined
}

export interface TurnOptions<T> {
  readonly openings: Openings
  readonly gateways: HeldGateways
  readonly signal: AbortSignal
  /** For the opening and the work together. */
  readonly timeoutMs: number | undefined
  /** Whether to give way to others when there are no descriptors for one more. */
  readonly mayWait: boolean
  readonly work: (turn: Turn) => Promise<T>
}

/** What became of a turn; `undefined` when it has to be taken again. */
export type TurnResult<T> = { readonly value: T } | { readonly error: unknown } | undefined

/** Does the work on one member. Never rejects; `tell` has the result before the connection is closed. */
export async function takeTurn<T>(
  { member, route, connection: shared }: Reachable,
  { openings, gateways, signal, timeoutMs, mayWait, work }: TurnOptions<T>,
  tell: (result: TurnResult<T>) => void,
): Promise<void> {
  const startedAt = performance.now()
  const leftMs = (): number | undefined =>
    timeoutMs === undefined ? undefined : Math.max(0, timeoutMs - (performance.now() - startedAt))
  const { connection } = shared
  await shared.enter()
  try {
    if (signal.aborted) throw abortError(signal.reason, { phase: 'resolve' })
    gateways.hold(route)
    const opened = await open(openings, connection, { signal, timeoutMs: leftMs() })
    if ('error' in opened) {
      tell(mayWait && lacksDescriptors(opened.error) ? undefined : opened)
    } else {
      tell({ value: await work({ member, connection, signal, leftMs }) })
    }
  } catch (error) {
    openings.failed(connection, error)
    tell({ error })
  } finally {
    await shared.leave()
  }
}

async function open(
  openings: Openings,
  connection: Connection,
  options: { readonly signal: AbortSignal; readonly timeoutMs: number | undefined },
): Promise<{ readonly opened: true } | { readonly error: unknown }> {
  try {
    await openings.open(connection, options)
    return { opened: true }
  } catch (error) {
    return { error }
  }
}
