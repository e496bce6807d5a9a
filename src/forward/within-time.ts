// What is left of the time of a whole call, for the part of it that comes after the connection is open.

import type { CallOptions } from '../dialer.js'
import { ConnectError, type HopRef } from '../errors.js'

export interface TimeLeft extends CallOptions {
  readonly hop: HopRef
  /** Milliseconds of `timeoutMs` that are left. */
  readonly leftMs: number | undefined
}

/** Runs `work`, whose signal is aborted by the caller's, or with TIMEOUT when the time is over. */
export async function withinTime<T>(
  { hop, signal, timeoutMs, leftMs }: TimeLeft,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController()
  const late = (): void => {
    const what = `not listening within ${timeoutMs} ms`
    limit.abort(new ConnectError('TIMEOUT', what, { hop, phase: 'listen' }))
  }
  const timer = leftMs === undefined ? undefined : setTimeout(late, leftMs)
  try {
    return await work(signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]))
  } finally {
    clearTimeout(timer)
  }
}
