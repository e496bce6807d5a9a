// A caller's own function as the work on a member: it may take its time, but not for ever once it was told to stop.

import type { Connection } from '../connection.js'
import { SallyportError } from '../errors.js'
import { Stop } from '../exec/stop.js'
import { printable } from '../printable.js'
import type { Member } from './outcome.js'
import type { Turn } from './take-turn.js'

/** What `Group.map` tells of a member. */
export interface MapContext {
  readonly member: Member
  /** Aborted with the signal of the call, when the member's time is over, and when the group is closed. */
  readonly signal: AbortSignal
}

/** How long work may clean up after its signal was aborted. */
const graceMs = 1000

/** Rejects with what `work` rejects with, or with the reason to stop it. */
export async function mapWork<T>(
  work: (connection: Connection, context: MapContext) => T | Promise<T>,
  { turn, timeoutMs }: { readonly turn: Turn; readonly timeoutMs: number | undefined },
): Promise<T> {
  const { connection, member } = turn
  const stop = new Stop(turn.signal)
  const { signal } = stop
  const leftMs = turn.leftMs()
  if (leftMs !== undefined) stop.after(leftMs, () => tooLate(member, timeoutMs))
  try {
    signal.throwIfAborted()
    const given = Promise.resolve().then(() => work(connection, { member, signal }))
    return await settled(given, signal)
  } finally {
    stop.dispose()
  }
}

function settled<T>(given: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    let grace: NodeJS.Timeout | undefined
    const onAbort = (): void => {
      grace = setTimeout(() => reject(signal.reason), graceMs)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    given
      .then(resolve, (error: unknown) => reject(signal.aborted ? signal.reason : error))
      .finally(() => {
        clearTimeout(grace)
        signal.removeEventListener('abort', onAbort)
      })
  })
}

function tooLate({ host }: Member, timeoutMs: number | undefined): SallyportError {
  const what = `${printable(host, 100)}: the work did not end within ${timeoutMs} ms`
  return new SallyportError('TIMEOUT', what, { phase: 'session' })
}
