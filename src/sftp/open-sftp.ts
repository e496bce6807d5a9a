// Starts the SFTP subsystem on a leased hop.

import type { CallOptions } from '../dialer.js'
import type { Acquire } from '../hops/lease.js'
import type { Sftp } from './sftp.js'

/** Opens the hop if need be, and an SFTP session on it. Rejects like `Connection.open`, and with SFTP_UNAVAILABLE. */
export async function openSftp(_acquire: Acquire, _options: CallOptions = {}): Promise<Sftp> {
  throw new Error('not there yet')
}
