// A question to the server as a promise that never stays pending: it ends with the answer, the caller's signal, the
// limit or the session, whichever is first. What the server says after that is for whoever gave the question up.

import { abortError } from '../aborted.js'
import { ConnectError, type HopRef, type Phase, type SallyportError } from '../errors.js'
import { translateClientError } from './ssh2-errors.js'
import type { Tenants } from './ssh2-tenants.js'

export interface Question<T> {
  /** What is waited for, for the error of an answer that does not come. */
  readonly awaited: string
  /** Milliseconds to wait for it; 0 for as long as the caller does. */
  readonly limitMs: number
  readonly phase: Phase
  readonly signal: AbortSignal
  /**
   * Asks. The answer calls `answered`, within ssh2's own call, because what follows it may stand in the same packet;
   * what `answered` is given is run unless the question was given up, and what that throws rejects. Returns what gives
   * the question up.
   */
  readonly ask: (answered: (take: () => T) => void) => () => void
}

/** Asks a question of a session's server. Rejects with TIMEOUT, an AbortError, or the reason why the session ended. */
export function awaitAnswer<T>(
  question: Question<T>,
  { hop, tenants }: { readonly hop: HopRef; readonly tenants: Tenants },
): Promise<T> {
  const { awaited, limitMs, phase, signal } = question
  return new Promise<T>((resolve, reject) => {
    let pending = true
    let timer: NodeJS.Timeout | undefined
    let giveUp = () => {}
    const settle = (act: () => void) => {
      if (!pending) return
      pending = false
      clearTimeout(timer)
      leaveTenants()
      signal.removeEventListener('abort', aborted)
      act()
    }
    const leave = (reason: SallyportError) =>
      settle(() => {
        reject(reason)
        giveUp()
      })
    const aborted = () => leave(abortError(signal.reason, { hop, phase }))
    if (tenants.reason !== undefined) return reject(tenants.reason)
    if (signal.aborted) return reject(abortError(signal.reason, { hop, phase }))
    const leaveTenants = tenants.add((error) => settle(() => reject(error)))
    signal.addEventListener('abort', aborted)
    const answered = (take: () => T) =>
      settle(() => {
        try {
          resolve(take())
        } catch (error) {
          reject(error)
        }
      })
    try {
      giveUp = question.ask(answered)
      const what = `no ${awaited} within ${limitMs} ms`
      // A busy process may find the answer only after the timer: let it look at its sockets first.
      const late = () => setImmediate(() => leave(new ConnectError('TIMEOUT', what, { hop, phase })))
      if (pending && limitMs > 0) timer = setTimeout(late, limitMs)
    } catch (error) {
      settle(() => reject(translateClientError(error, { hop, phase: 'session' })))
    }
  })
}
