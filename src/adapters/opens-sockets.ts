// What the adapters ask of a connection, so that each says no more than it needs.

import type { Socket } from 'node:net'
import type { Address } from '../dialer.js'

/** What gives sockets behind gateways: a `Connection`. */
export interface OpensSockets {
  /** A socket at once, which opens by itself; without an address it waits for its `connect()`, as `new net.Socket()`. */
  socket(address?: Address, options?: { readonly timeoutMs?: number | undefined }): Socket
}
