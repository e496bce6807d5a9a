// A stream that a caller's own dialer opens. Whatever the dialer does, the call ends when its signal says so.

import type { Duplex } from 'node:stream'
import { abortError } from '../aborted.js'
import type { Address, Dialer } from '../dialer.js'
import { ConnectError, type HopRef, SallyportError } from '../errors.js'
import { printable } from '../printable.js'
import { forHop } from './for-hop.js'
import { discard, isOpenDuplex } from './given-stream.js'
import type { Link } from './link.js'
import { type Refable, streamLink } from './stream-link.js'

export interface DialerRequest {
  readonly dialer: Dialer
  readonly address: Address
  /** Goes into every error. */
  readonly hop: HopRef
  readonly signal: AbortSignal
}

/**
 * Asks the dialer for a stream. Rejects with DIALER_FAILED when it throws, or gives anything but an open Duplex;
 * errors of this library pass as they are, but for the hop, which they get where they have none. A dialer that ignores the signal is abandoned: what it gives later is
 * destroyed.
 */
export async function openDialer(request: DialerRequest): Promise<Link> {
  const { dialer, hop, signal } = request
  if (signal.aborted) throw abortError(signal.reason, { hop, phase: 'dial' })
  const given = await untilAborted(request)
  if (!isOpenDuplex(given)) {
    discard(given)
    throw dialerFailed(request, 'the dialer gave something that is not an open duplex stream')
  }
  return streamLink(given, {
    description: printable(dialer.name ?? 'dialer', 200),
    refable: isRefable(given) ? given : undefined,
  })
}

function untilAborted(request: DialerRequest): Promise<unknown> {
  const { dialer, address, hop, signal } = request
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortError(signal.reason, { hop, phase: 'dial' }))
    signal.addEventListener('abort', onAbort, { once: true })
    const dialled = (async (): Promise<unknown> => dialer.dial(address, { signal }))()
    dialled
      .then(
        (given) => (signal.aborted ? discard(given) : resolve(given)),
        (error: unknown) => {
          if (error instanceof SallyportError) return reject(forHop(error, { hop, phase: 'dial' }))
          const why = error instanceof Error ? error.message : String(error)
          reject(dialerFailed(request, `the dialer failed: ${printable(why)}`, error))
        },
      )
      .finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function dialerFailed({ hop }: DialerRequest, what: string, cause?: unknown): ConnectError {
  return new ConnectError('DIALER_FAILED', what, { hop, phase: 'dial', cause })
}

function isRefable(stream: Duplex): stream is Duplex & Refable {
  const { ref, unref } = stream as Partial<Refable>
  return typeof ref === 'function' && typeof unref === 'function'
}
