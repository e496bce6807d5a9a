// The beginning that local and dynamic forwards share: the connection is opened first, so that its errors come early,
// then all addresses are listened on.

import type { Address, CallOptions, ListenAddress } from '../dialer.js'
import type { Acquire, SessionTerms } from '../hops/lease.js'
import type { Forward } from './forward.js'
import { ForwardWork } from './forward-work.js'
import { checkReach, listenList, warnOfReach } from './listen/listen-addresses.js'
import { openListeners } from './listen/listener.js'
import { type OpenFarSide, serve } from './serve.js'
import { withinTime } from './within-time.js'

export interface ListeningRequest extends CallOptions {
  readonly kind: 'local' | 'dynamic'
  readonly listen?: ListenAddress | readonly ListenAddress[] | undefined
  /** Default: as the host's setting says. */
  readonly gatewayPorts?: boolean | undefined
  /** Where all connections lead; `undefined` for a proxy. */
  readonly to: Address | undefined
  readonly openFarSide: OpenFarSide
}

/** Resolves to a forward that listens. Rejects as `forwardLocal` does. The options have been checked, but `listen`. */
export async function startListening(acquire: Acquire, request: ListeningRequest): Promise<Forward> {
  const { kind, to, gatewayPorts, signal, timeoutMs } = request
  const list = listenList(request.listen)
  if (gatewayPorts !== undefined) checkReach(list, { gatewayPorts })
  const check = ({ forwarding }: SessionTerms): void =>
    checkReach(list, { gatewayPorts: gatewayPorts ?? forwarding.gatewayPorts })
  const startedAt = performance.now()
  const lease = await acquire({ signal, timeoutMs, check })
  try {
    const leftMs = timeoutMs === undefined ? undefined : startedAt + timeoutMs - performance.now()
    const { hop, terms } = lease
    const listeners = await withinTime({ hop, signal, timeoutMs, leftMs }, (ending) =>
      openListeners(list, { hop, unixSockets: terms.forwarding, signal: ending }),
    )
    warnOfReach(list, hop)
    const { addresses } = listeners
    const work = new ForwardWork({ kind, hop, addresses, to, stopListening: listeners.close, signal })
    serve(listeners, work, request.openFarSide)
    return work.forward
  } finally {
    lease.release()
  }
}
