// A remote process on a leased hop, from its start until the lease is given back, whatever ends it.
// What happens to its streams in between is for run, spawn and shell.

import { reportChannel } from '../diagnostics.js'
import { type HopRef, SallyportError } from '../errors.js'
import type { Lease } from '../hops/lease.js'
import type { ProcessEnd, RemoteProcess } from '../wire/wire.js'
import type { MakeRequest } from './command-request.js'
import { holdProcess, type Wrap } from './hold-process.js'
import type { Stop } from './stop.js'

/** A remote process that holds a lease. */
export interface HeldProcess {
  readonly hop: HopRef
  readonly process: RemoteProcess
  /** Whether a terminal was asked for it. */
  readonly hasTerminal: boolean
  /**
   * Settles once, after the lease was released: with the process's end, with the session's error when that was lost,
   * or with the reason of the stop, which waits for nobody. Never an unhandled rejection.
   */
  readonly end: Promise<ProcessEnd>
}

export interface StartOptions {
  readonly kind: 'command' | 'shell'
  readonly stop: Stop
  /** Put between the process and its user as soon as it runs. */
  readonly wrap?: Wrap | undefined
}

/**
 * Starts a process on a lease, which it takes over, and the stop with it. Rejects with the session's error, with what
 * `makeRequest` throws, or with the stop's reason. A process that is stopped is sent TERM, its channel closed and its
 * streams destroyed.
 */
export async function startProcess(
  lease: Lease,
  makeRequest: MakeRequest,
  options: StartOptions,
): Promise<HeldProcess> {
  const { hop, session, terms } = lease
  const { kind, stop, wrap = (process) => process } = options
  const begun = performance.now()
  const report = (state: 'open' | 'closed' | 'refused', error?: unknown): void =>
    reportChannel({
      hop,
      kind,
      state,
      durationMs: performance.now() - begun,
      error: error instanceof SallyportError ? error : undefined,
    })

  let process: RemoteProcess
  let hasTerminal: boolean
  try {
    stop.signal.throwIfAborted()
    const request = makeRequest(terms)
    hasTerminal = request.pty !== undefined
    process = wrap(await session.start(request, stop.signal), { hop, stop, hasTerminal })
  } catch (error) {
    const reason: unknown = stop.signal.aborted ? stop.signal.reason : error
    stop.dispose()
    lease.release()
    report('refused', reason)
    throw reason
  }
  report('open')

  const onEnd = (error?: unknown): void => {
    lease.release()
    report('closed', error)
  }
  return { hop, process, hasTerminal, end: holdProcess(process, { stop, onEnd }) }
}
