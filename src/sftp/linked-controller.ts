// One signal for the many requests of one piece of work, so that the caller's signal has one listener and no more.

import { setMaxListeners } from 'node:events'
import { onAbort } from './on-abort.js'

export interface LinkedController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
  /** Leaves the caller's signal. */
  dispose(): void
}

/** Aborted with the caller's reason, or by `abort`. Any number may listen. */
export function linkedController(caller: AbortSignal | undefined): LinkedController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  const dispose = caller && onAbort(caller, () => controller.abort(caller.reason))
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    dispose: () => dispose?.(),
  }
}
