// The first open stream of several attempts, in order or raced. What comes too late is destroyed.

import type { Duplex } from 'node:stream'
import type { Address, CallOptions } from '../dialer.js'
import { SallyportError } from '../errors.js'
import { discard, isOpenDuplex } from '../transport/given-stream.js'

/** A gateway to try, and how it is called. */
export interface Tried {
  readonly name: string
  readonly dial: (address: Address, call: CallOptions) => Promise<unknown>
}

export interface Attempts {
  /** Milliseconds for each attempt. */
  readonly limitMs: number
  /** Milliseconds after which the next attempt begins while those before go on; `undefined` for never. */
  readonly staggerMs: number | undefined
}

export interface FirstStreamRequest extends Attempts {
  readonly address: Address
  readonly signal: AbortSignal
  /** Told of each attempt that failed by itself. */
  readonly onFailed: (tried: Tried, error: unknown) => void
}

/** A little longer than a limit that is to be met first, and no longer than a timer can wait. */
export function withSlack(limitMs: number): number {
  return Math.min(limitMs + 1000, 2 ** 31 - 1)
}

/**
 * Resolves to the first stream and where it is from, `undefined` when all have failed. Rejects with the signal's reason.
 * All other attempts are aborted by then.
 */
export function firstStream(
  order: readonly Tried[],
  { address, limitMs, staggerMs, signal, onFailed }: FirstStreamRequest,
): Promise<{ readonly tried: Tried; readonly stream: Duplex } | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = [...order]
    const running = new Set<AbortController>()
    let isOver = false
    let stagger: NodeJS.Timeout | undefined

    const finish = (settle: () => void): void => {
      if (isOver) return
      isOver = true
      clearTimeout(stagger)
      signal.removeEventListener('abort', aborted)
      for (const controller of running) controller.abort()
      settle()
    }
    const aborted = (): void => finish(() => reject(signal.reason))

    const tryNext = (): void => {
      clearTimeout(stagger)
      const tried = waiting.shift()
      if (tried === undefined) {
        if (running.size === 0) finish(() => resolve(undefined))
        return
      }
      if (staggerMs !== undefined && waiting.length > 0) stagger = setTimeout(tryNext, staggerMs)
      const controller = new AbortController()
      running.add(controller)
      attempt(tried, { address, limitMs, controller })
        .then((stream) => {
          running.delete(controller)
          // A race is over as soon as somebody has won it.
          if (isOver) discard(stream)
          else finish(() => resolve({ tried, stream }))
        })
        .catch((error: unknown) => {
          running.delete(controller)
          if (isOver) return
          onFailed(tried, error)
          tryNext()
        })
    }

    if (signal.aborted) return aborted()
    signal.addEventListener('abort', aborted)
    tryNext()
  })
}

/** Rejects when the controller is aborted, whatever the gateway does; what it gives later is destroyed. */
function attempt(
  { dial, name }: Tried,
  options: { readonly address: Address; readonly limitMs: number; readonly controller: AbortController },
): Promise<Duplex> {
  const { address, limitMs, controller } = options
  const { signal } = controller
  return new Promise((resolve, reject) => {
    const late = (): void =>
      controller.abort(new SallyportError('TIMEOUT', `no stream within ${limitMs} ms`, { phase: 'dial' }))
    const timer = setTimeout(late, limitMs)
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      act()
    }
    const aborted = (): void => settle(() => reject(signal.reason))
    signal.addEventListener('abort', aborted)
    const given = (stream: unknown): void => {
      if (signal.aborted) discard(stream)
      else if (isOpenDuplex(stream)) settle(() => resolve(stream))
      else {
        discard(stream)
        settle(() =>
          reject(new SallyportError('DIALER_FAILED', `${name} gave no open stream`, { phase: 'dial' })),
        )
      }
    }
    const failed = (error: unknown): void => settle(() => reject(error))
    // Nobody's own limit is to be the shorter one; this one is told in the same words for all.
    dial(address, { signal, timeoutMs: withSlack(limitMs) }).then(given, failed)
  })
}
