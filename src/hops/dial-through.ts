// A stream from an open hop to an address: the hop's work while it is open.

import type { Duplex } from 'node:stream'
import { reportChannel } from '../diagnostics.js'
import type { Address, CallOptions } from '../dialer.js'
import { SallyportError } from '../errors.js'
import type { Acquire } from './lease.js'
import { within } from './within.js'

/** Opens a stream through the hop. The caller destroys it. */
export function dialThrough(acquire: Acquire, address: Address, options: CallOptions): Promise<Duplex> {
  return within(options, async (signal) => {
    const lease = await acquire({ signal })
    const startedAt = performance.now()
    const told = { hop: lease.hop, kind: 'stream', address } as const
    const elapsed = () => performance.now() - startedAt
    try {
      const stream = await lease.session.openStream(address, { signal })
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
  })
}
