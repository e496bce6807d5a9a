// From here to the address, with nothing in between: the last resort of a list of gateways.

import type { Duplex } from 'node:stream'
import type { Address, CallOptions } from '../dialer.js'
import { type HopRef, SallyportError } from '../errors.js'
import { openTcp } from '../transport/tcp.js'

/** Connects by TCP; the name is looked up here. Rejects with `ConnectError`. */
export async function dialDirectly(address: Address, { signal }: CallOptions): Promise<Duplex> {
  if ('path' in address) {
    throw new SallyportError('CONNECTION_FAILED', 'a unix socket of a host cannot be reached directly', {
      phase: 'dial',
    })
  }
  const { host, port } = address
  const hop: HopRef = { index: 0, count: 1, user: '', host, port, via: undefined }
  const link = await openTcp({
    host,
    port,
    addressFamily: 'any',
    hop,
    signal: signal ?? new AbortController().signal,
  })
  return link.stream
}
