// What is left of the time of a whole call, for the part of it that comes after the connection is open.

import { abortError } from '../aborted.js'
import type { CallOptions } from '../dialer.js'
import { ConnectError, type HopRef } from '../errors.js'

export interface TimeLeft extends CallOptions {
  readonly hop: HopRef
  /** Milliseconds of `timeoutMs` that are left. */
  readonly leftMs: number | undefined
}

/** Runs `work`, whose signal is aborted by the caller's, as {@link abortError} has it, or with TIMEOUT when the time is over. */
export async function withinTime<T>(
  { hop, signal, timeoutMs, leftMs }: TimeLeft,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController()
  const late = (): void => {
    const what = `not listening within ${timeoutMs} ms`
    ending.abort(new ConnectError('TIMEOUT', what, { hop, phase: 'listen' }))
  }
  const aborted = (): void => ending.abort(abortError(signal?.reason, { hop, phase: 'listen' }))
  const timer = leftMs === undefined ? undefined : setTimeout(late, leftMs)
  signal?.addEventListener('abort', aborted)
  if (signal?.aborted) aborted()
  try {
    return await work(ending.signal)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', aborted)
  }
}
