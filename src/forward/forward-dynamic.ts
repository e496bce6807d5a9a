// A dynamic forward: a proxy on this machine, by SOCKS 4, 4a, 5 and HTTP CONNECT on the same port, whose clients are led
// to the destinations that they ask for, from behind the SSH connection. ssh_config(5) DynamicForward, ssh(1) -D.

import type { CallOptions, ListenAddress } from '../dialer.js'
import { dialThrough } from '../hops/dial-through.js'
import type { Acquire } from '../hops/lease.js'
import { callOptionNames, checkDuration, checkNames, checkOption, checkSignal } from '../option-check.js'
import type { Forward } from './forward.js'
import { defaultHandshakeTimeoutMs, openForClient } from './proxy/open-for-client.js'
import { type Permit, readPermit } from './proxy/permit.js'
import { type ProxyAuth, readProxyAuth } from './proxy/proxy-auth.js'
import { startListening } from './start-listening.js'

/** What a dynamic forward is to do. */
export interface DynamicForwardRequest extends CallOptions {
  /** One address or several. Default: a free port of the loopback addresses. */
  readonly listen?: ListenAddress | readonly ListenAddress[] | undefined
  /** What clients must log in with, by SOCKS 5 or by HTTP; those of SOCKS 4 cannot, and are refused then. */
  readonly auth?: ProxyAuth | undefined
  /** The destinations that may be asked for. Default: all. */
  readonly permit?: Permit | undefined
  /**
   * Lets it listen on addresses that others can reach, which gives a warning. Default: as the setting `gatewayPorts`
   * of the host says, which is no.
   */
  readonly gatewayPorts?: boolean | undefined
  /** Milliseconds that a client has for its whole request, at least 1. Default 30,000. */
  readonly handshakeTimeoutMs?: number | undefined
}

const names = {
  ...callOptionNames,
  listen: true,
  auth: true,
  permit: true,
  gatewayPorts: true,
  handshakeTimeoutMs: true,
} as const satisfies Record<keyof DynamicForwardRequest, true>

/**
 * Opens the connection, and then listens. Names that clients ask for are resolved by the host of the SSH connection, and
 * never here. Clients are told that they are connected once they are; and else why not, as far as their protocol has
 * words for it. CONNECT is all that there is: no BIND, no UDP, no other HTTP. The forward outlives the loss of the
 * connection, as a local one does. `signal` ends the forward as well; `timeoutMs` is for its beginning.
 *
 * Rejects with ConfigError (INVALID_OPTION) for an address that others can reach and for a `permit` or an `auth` that
 * cannot be, like `Connection.open`, and with LISTEN_FAILED, whose cause is the system's error; then nothing listens.
 */
export async function forwardDynamic(acquire: Acquire, request: DynamicForwardRequest): Promise<Forward> {
  checkNames(request, names)
  checkSignal(request.signal)
  checkDuration('timeoutMs', request.timeoutMs)
  const { listen, gatewayPorts, signal, timeoutMs } = request
  const handshakeTimeoutMs = request.handshakeTimeoutMs ?? defaultHandshakeTimeoutMs
  checkDuration('handshakeTimeoutMs', handshakeTimeoutMs)
  checkOption('handshakeTimeoutMs', handshakeTimeoutMs >= 1, 'at least 1')
  checkOption(
    'gatewayPorts',
    gatewayPorts === undefined || typeof gatewayPorts === 'boolean',
    'true or false',
  )
  const terms = {
    login: readProxyAuth(request.auth),
    permits: readPermit(request.permit),
    handshakeTimeoutMs,
    dial: (to: { readonly host: string; readonly port: number }, ending: AbortSignal) =>
      dialThrough(acquire, to, { signal: ending }),
  }
  return startListening(acquire, {
    ...{ kind: 'dynamic', to: undefined, listen, gatewayPorts, signal, timeoutMs },
    openFarSide: (socket, connection) => openForClient(socket, connection, terms),
  })
}
