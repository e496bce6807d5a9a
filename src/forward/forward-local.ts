// A local forward: what connects to a port or a unix socket here is led to one address behind the SSH connection.
// ssh_config(5) LocalForward, ssh(1) -L.

import type { Address, CallOptions, ListenAddress } from '../dialer.js'
import { dialThrough } from '../hops/dial-through.js'
import type { Acquire } from '../hops/lease.js'
import {
  callOptionNames,
  checkAddress,
  checkDuration,
  checkNames,
  checkOption,
  checkSignal,
} from '../option-check.js'
import type { Forward } from './forward.js'
import { startListening } from './start-listening.js'

/** What a local forward is to do. */
export interface LocalForwardRequest extends CallOptions {
  /** One address, or several that all lead to the same one. Default: a free port of the loopback addresses. */
  readonly listen?: ListenAddress | readonly ListenAddress[] | undefined
  /** Where the connections lead; the host of the SSH connection resolves the name. */
  readonly to: Address
  /**
   * Lets it listen on addresses that others can reach, which gives a warning. Default: as the setting `gatewayPorts`
   * of the host says, which is no.
   */
  readonly gatewayPorts?: boolean | undefined
}

const names = { ...callOptionNames, listen: true, to: true, gatewayPorts: true } as const satisfies Record<
  keyof LocalForwardRequest,
  true
>

/**
 * Opens the connection, and then listens. The forward outlives the loss of the connection: what is under way ends, and
 * the next client opens it again. `signal` ends the forward as well; `timeoutMs` is for its beginning.
 *
 * Rejects with ConfigError (INVALID_OPTION) for an address that others can reach, like `Connection.open`, and with
 * LISTEN_FAILED, whose cause is the system's error; then nothing listens.
 */
export async function forwardLocal(acquire: Acquire, request: LocalForwardRequest): Promise<Forward> {
  checkNames(request, names)
  checkAddress(request.to)
  checkSignal(request.signal)
  checkDuration('timeoutMs', request.timeoutMs)
  const { gatewayPorts } = request
  checkOption(
    'gatewayPorts',
    gatewayPorts === undefined || typeof gatewayPorts === 'boolean',
    'true or false',
  )
  const to = Object.freeze({ ...request.to })
  return startListening(acquire, {
    ...request,
    kind: 'local',
    to,
    openFarSide: (_, connection) => {
      connection.to = to
      return dialThrough(acquire, to, { signal: connection.signal })
    },
  })
}
