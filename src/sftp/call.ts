// One call of a program on a session: its signal and its clock as one signal, with the error that it rejects with.

import { abortError } from '../aborted.js'
import type { CallOptions } from '../dialer.js'
import { type HopRef, SallyportError } from '../errors.js'
import { linkedController } from './linked-controller.js'
import { onAbort } from './on-abort.js'

/** The signal of a call. Whoever started it disposes it. */
export interface Call {
  readonly signal: AbortSignal | undefined
  dispose(): void
}

/**
 * Its signal is aborted as {@link abortError} says when the caller's is, and with TIMEOUT after `timeoutMs`; without
 * either there is none.
 */
export function startCall({ signal: caller, timeoutMs }: CallOptions, hop: HopRef): Call {
  if (caller === undefined && timeoutMs === undefined) return { signal: undefined, dispose: () => {} }
  const where = { hop, phase: 'session' } as const
  const call = linkedController(undefined)
  const leave = caller && onAbort(caller, () => call.abort(abortError(caller.reason, where)))
  const late = (): void => {
    const what = `the SFTP server was not done within ${timeoutMs} ms`
    call.abort(new SallyportError('TIMEOUT', what, where))
  }
  const clock = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs)
  return {
    signal: call.signal,
    dispose: () => {
      clearTimeout(clock)
      leave?.()
    },
  }
}

/** Does the work of a call. */
export async function withCall<T>(
  options: CallOptions,
  hop: HopRef,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  const call = startCall(options, hop)
  try {
    return await work(call.signal)
  } finally {
    call.dispose()
  }
}
