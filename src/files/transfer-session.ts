// One put or get from its beginning to its end: the SFTP session, the reasons to stop, the books, and what has to be
// cleaned up. What is transferred is for put and get.

import { setMaxListeners } from 'node:events'
import { abortError } from '../aborted.js'
import { AbortError, type HopRef, SallyportError } from '../errors.js'
import { Stop } from '../exec/stop.js'
import type { Acquire, Lease } from '../hops/lease.js'
import { openSftp } from '../sftp/open-sftp.js'
import type { Sftp } from '../sftp/sftp.js'
import { Budget } from './budget.js'
import { Crew } from './crew.js'
import { Ledger } from './ledger.js'
import { Leftovers, withLeftovers } from './leftovers.js'
import { RemoteDigests } from './remote-digests.js'
import type { TransferOptions } from './transfer.js'
import type { TransferRules } from './transfer-rules.js'

/** Files that are under way at once. */
const filesAtOnce = 48

/** Bytes that are under way at once, over all files. */
const bytesAtOnce = 8 * 1024 * 1024

/** What the parts of a transfer share. */
export interface TransferSession {
  readonly hop: HopRef
  readonly sftp: Sftp
  /** Aborted by the caller, by the clock, and by the first failure of any part. Many may listen on it. */
  readonly signal: AbortSignal
  readonly rules: TransferRules
  readonly ledger: Ledger
  readonly budget: Budget
  readonly crew: Crew
  readonly digests: RemoteDigests
  readonly leftovers: Leftovers
}

/**
 * Opens a session for `work`, and leaves nothing of it. Rejects as `openSftp` does, with what `work` rejects with, with
 * AbortError or TIMEOUT, and with what `onProgress` throws.
 */
export async function withTransferSession<T>(
  acquire: Acquire,
  { rules, options }: { readonly rules: TransferRules; readonly options: TransferOptions },
  work: (session: TransferSession) => Promise<T>,
): Promise<T> {
  const { timeoutMs } = options
  const stop = new Stop(options.signal)
  const { signal } = stop
  setMaxListeners(0, signal)
  let lease: Lease | undefined
  if (timeoutMs !== undefined) {
    const what = `the transfer was not done within ${timeoutMs} ms`
    stop.after(timeoutMs, () => new SallyportError('TIMEOUT', what, { hop: lease?.hop, phase: 'session' }))
  }
  const watched: Acquire = async (call) => {
    lease = await acquire(call)
    return lease
  }
  let hop: HopRef | undefined
  const leftovers = new Leftovers()
  try {
    const sftp = await openSftp(watched, { signal })
    // A lease that does not come through `acquire` would be a fault of openSftp.
    if (lease === undefined) throw new Error('an SFTP session without a lease')
    const { session } = lease
    hop = lease.hop
    const ledger = new Ledger({ onProgress: options.onProgress, onError: stop.now })
    const crew = new Crew(filesAtOnce, stop.now)
    const budget = new Budget(bytesAtOnce)
    const digests = new RemoteDigests(acquire, { sftp, signal })
    try {
      const done = await work({ hop, sftp, signal, rules, ledger, budget, crew, digests, leftovers })
      await crew.idle()
      signal.throwIfAborted()
      ledger.report()
      signal.throwIfAborted()
      return done
    } catch (error) {
      stop.now(error)
      await crew.idle()
      await leftovers.remove(sftp, () => session.lastReceivedAt)
      throw error
    } finally {
      await sftp.close()
    }
  } catch (error) {
    const first = reasonOf(error, signal, hop)
    if (isLoss(first)) await leftovers.removeAnew(acquire, options.signal)
    throw hop === undefined ? first : withLeftovers(first, leftovers, hop)
  } finally {
    stop.dispose()
  }
}

/** Whether nothing more can be asked for on this session, so that it may help to begin again on another one. */
function isLoss(error: unknown): boolean {
  return (
    error instanceof SallyportError && (error.code === 'CONNECTION_LOST' || error.code === 'PROTOCOL_ERROR')
  )
}

/** What came first, of which all other failures are only the consequence. */
function reasonOf(error: unknown, signal: AbortSignal, hop: HopRef | undefined): unknown {
  if (!signal.aborted) return error
  const reason: unknown = signal.reason
  if (!(reason instanceof AbortError)) return reason
  // How far it had come, what was under way knows best.
  if (error instanceof AbortError && error.hop !== undefined) return error
  return hop === undefined ? reason : abortError(reason, { hop, phase: 'session' })
}
