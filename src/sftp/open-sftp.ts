// Starts the SFTP subsystem on a leased hop, and waits for its first words.

import { abortError } from '../aborted.js'
import type { CallOptions } from '../dialer.js'
import { type HopRef, SallyportError } from '../errors.js'
import type { Acquire } from '../hops/lease.js'
import { checkCallOptions } from '../option-check.js'
import type { RemoteProcess } from '../wire/wire.js'
import { linkedController } from './linked-controller.js'
import { SftpSession } from './session.js'
import type { Sftp } from './sftp.js'
import { Subsystem } from './subsystem.js'

/** For a subsystem that was started and says nothing: longer than a slow host takes to start a program. */
const versionLimitMs = 30_000

/** Opens the hop if need be, and an SFTP session on it. Rejects like `Connection.open`, and with SFTP_UNAVAILABLE. */
export async function openSftp(acquire: Acquire, options: CallOptions = {}): Promise<Sftp> {
  checkCallOptions(options)
  const { signal, timeoutMs } = options
  const begun = performance.now()
  const lease = await acquire(options)
  const { hop, session } = lease
  const call = linkedController(signal)
  const clocks: NodeJS.Timeout[] = []
  const limit = (limitMs: number, what: string): void => {
    const late = (): void => call.abort(new SallyportError('TIMEOUT', what, { hop, phase: 'session' }))
    clocks.push(setTimeout(late, Math.max(0, limitMs)))
  }
  try {
    if (timeoutMs !== undefined) {
      limit(timeoutMs - (performance.now() - begun), `did not start SFTP within ${timeoutMs} ms`)
    }
    let process: RemoteProcess
    try {
      const request = { command: undefined, subsystem: 'sftp', env: {}, pty: undefined, forwardsAgent: false }
      process = await session.start(request, call.signal)
    } catch (error) {
      lease.release()
      throw unavailable(error, hop)
    }
    const subsystem = new Subsystem(lease, process)
    limit(versionLimitMs, `the SFTP server did not begin within ${versionLimitMs} ms`)
    try {
      await subsystem.begin(call.signal)
    } catch (error) {
      const closed = new SallyportError('CLOSED', 'the SFTP session was given up', { hop, phase: 'session' })
      subsystem.end(error instanceof SallyportError ? error : closed)
      throw error
    }
    return new SftpSession(subsystem)
  } catch (error) {
    throw call.signal.aborted ? abortError(call.signal.reason, { hop, phase: 'session' }) : error
  } finally {
    for (const clock of clocks) clearTimeout(clock)
    call.dispose()
  }
}

// A channel that was opened, and then not put to this use: there is no such subsystem.
function unavailable(error: unknown, hop: HopRef): unknown {
  const isRefused = error instanceof SallyportError && error.code === 'CHANNEL_REFUSED'
  if (!isRefused || ('reason' in error && error.reason !== undefined)) return error
  return new SallyportError('SFTP_UNAVAILABLE', 'did not start the subsystem sftp', {
    hop,
    phase: 'session',
    cause: error,
  })
}
