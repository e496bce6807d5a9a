// A stream from an open hop to an address: the hop's work while it is open.

import type { Duplex } from 'node:stream'
import { reportChannel } from '../diagnostics.js'
import type { Address, CallOptions } from '../dialer.js'
import { ConnectError, SallyportError } from '../errors.js'
import type { Acquire, AcquireOptions, Lease } from './lease.js'

/** A stream and the use of the hop that lasts as long as it: its `release` is the stream's `close`. */
export interface DialledStream {
  readonly stream: Duplex
  readonly lease: Lease
}

export interface DialOptions extends CallOptions {
  /** Told when the hop is open, before it is asked for the stream: what fails until then is a matter of the way. */
  readonly onWay?: ((lease: Lease) => void) | undefined
}

/** Opens a stream through the hop. The caller destroys it. */
export async function dialThrough(
  acquire: Acquire,
  address: Address,
  options: AcquireOptions,
): Promise<Duplex> {
  const { stream } = await dialWithLease(acquire, address, options)
  return stream
}

/** As {@link dialThrough}, for those who say whether the stream keeps the process alive. */
export async function dialWithLease(
  acquire: Acquire,
  address: Address,
  { onWay, ...options }: DialOptions & AcquireOptions,
): Promise<DialledStream> {
  const { signal, timeoutMs } = options
  const deadline = timeoutMs === undefined ? undefined : performance.now() + timeoutMs
  const lease = await acquire(options)
  onWay?.(lease)
  const limit = new AbortController()
  const late = () => {
    const what = `no stream within ${timeoutMs} ms`
    limit.abort(new ConnectError('TIMEOUT', what, { hop: lease.hop, phase: 'channel' }))
  }
  const timer = deadline === undefined ? undefined : setTimeout(late, deadline - performance.now())
  try {
    // A signal of signals is dear where many streams are opened.
    const both =
      signal === undefined || timer === undefined
        ? (signal ?? limit.signal)
        : AbortSignal.any([signal, limit.signal])
    return { lease, stream: await openStream(lease, address, both) }
  } finally {
    clearTimeout(timer)
  }
}

async function openStream(lease: Lease, address: Address, signal: AbortSignal): Promise<Duplex> {
  const startedAt = performance.now()
  const told = { hop: lease.hop, kind: 'stream', address } as const
  const elapsed = () => performance.now() - startedAt
  try {
    const stream = await lease.session.openStream(address, { signal })
    // Opened and lost in one packet: its events are over, and nobody would learn of it.
    if (stream.destroyed) throw stream.errored ?? lostAtOnce(lease)
    reportChannel({ ...told, state: 'open', durationMs: elapsed() })
    stream.once('close', () => {
      lease.release()
      reportChannel({ ...told, state: 'closed', durationMs: elapsed() })
    })
    return stream
  } catch (error) {
    lease.release()
    if (error instanceof SallyportError)
      reportChannel({ ...told, state: 'refused', durationMs: elapsed(), error })
    throw error
  }
}

function lostAtOnce({ hop }: Lease): ConnectError {
  return new ConnectError('CONNECTION_LOST', 'the stream was lost as soon as it was open', {
    hop,
    phase: 'channel',
  })
}
