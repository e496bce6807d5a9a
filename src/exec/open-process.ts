// Opens the hop and starts a process on it within one limit of time, for processes that then live as long as they like.

import type { CallOptions } from '../dialer.js'
import { SallyportError } from '../errors.js'
import type { Acquire } from '../hops/lease.js'
import type { MakeRequest } from './command-request.js'
import { type HeldProcess, type StartOptions, startProcess } from './start-process.js'
import { Stop } from './stop.js'

/** A process with the means to stop it. */
export interface OpenProcess extends HeldProcess {
  readonly stop: Stop
}

/**
 * `timeoutMs` is for the way until the process runs; `signal` is for all its life. `makeRequest` is told the terms of the
 * hop; when it throws, so does this.
 */
export async function openProcess(
  acquire: Acquire,
  makeRequest: MakeRequest,
  options: CallOptions & Omit<StartOptions, 'stop'>,
): Promise<OpenProcess> {
  const { kind, wrap, signal, timeoutMs } = options
  const begun = performance.now()
  const stop = new Stop(signal)
  try {
    const lease = await stop.acquire(acquire, { timeoutMs, check: makeRequest })
    if (timeoutMs !== undefined) {
      stop.after(timeoutMs - (performance.now() - begun), () => {
        const what = `did not start the ${kind} within ${timeoutMs} ms`
        return new SallyportError('TIMEOUT', what, { hop: lease.hop, phase: 'session' })
      })
    }
    const held = await startProcess(lease, makeRequest, { kind, stop, wrap })
    stop.stopClock()
    return { ...held, stop }
  } catch (error) {
    stop.dispose()
    throw error
  }
}
