// A remote forward: what connects to a port or a unix socket of the far side is led to an address that is reached from
// here, or to where its client asks for by SOCKS or HTTP CONNECT. ssh_config(5) RemoteForward, ssh(1) -R.

import { invalid } from '../config/kinds.js'
import type { Address, CallOptions, ListenAddress } from '../dialer.js'
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
import { RemoteListening } from './forward-remote-listening.js'
import { checkListenAddress, checkReach } from './listen/listen-addresses.js'
import { defaultHandshakeTimeoutMs } from './proxy/open-for-client.js'
import { type Permit, readPermit } from './proxy/permit.js'

/** What a remote forward is to do. */
export interface RemoteForwardRequest extends CallOptions {
  /**
   * Where the host of the SSH connection listens. Without a host, or with `localhost`, on its loopback addresses; with
   * `*` or an empty host on all. Its own settings (GatewayPorts of sshd_config(5)) have the last word, and nobody is told.
   */
  readonly listen: ListenAddress
  /** Where the connections lead, reached from here. Without it the clients ask by SOCKS 4, 4a or 5 or HTTP CONNECT. */
  readonly to?: Address | undefined
  /**
   * The destinations that clients may ask for, where there is no `to`. Default: as the setting `permitRemoteOpen` of
   * the host says, which is all.
   */
  readonly permit?: Permit | undefined
  /** Lets it be asked to listen on addresses that others can reach, which gives a warning. Default false. */
  readonly gatewayPorts?: boolean | undefined
  /** Milliseconds that a client has to ask, where there is no `to`. Default 30000. */
  readonly handshakeTimeoutMs?: number | undefined
  /** What follows when the SSH connection is lost. Default `listen again`. */
  readonly whenLost?: 'listen again' | 'close' | undefined
}

const names = {
  ...callOptionNames,
  listen: true,
  to: true,
  permit: true,
  gatewayPorts: true,
  handshakeTimeoutMs: true,
  whenLost: true,
} as const satisfies Record<keyof RemoteForwardRequest, true>

/**
 * Opens the connection, and has its host listen. The connection is held open, and the process alive, until the forward
 * is closed; `signal` closes it as well, and `timeoutMs` is for its beginning.
 *
 * When the connection is lost, what is under way ends, the forward tells `lost`, and opens the connection again: after
 * 1, 2, 4, 8, 16 and then every 30 seconds, telling `lost` with the error of each attempt that fails and `listening`
 * when one succeeds. A port that the host chose is asked for again; when it is refused three times, any other is taken,
 * because a host may hold it for a connection that it has not missed yet. (sshd leaves the file of a unix socket behind: it
 * can listen there again only with its StreamLocalBindUnlink yes.) What only somebody's doing can mend ends the
 * forward: a refused login or host key, missing credentials, a wrong setting; and so does closing the connection.
 *
 * Rejects with ConfigError (INVALID_OPTION) for an address that others can reach, like `Connection.open`, and with
 * FORWARD_REFUSED when the host will not listen.
 */
export async function forwardRemote(acquire: Acquire, request: RemoteForwardRequest): Promise<Forward> {
  checkNames(request, names)
  checkListenAddress(request.listen)
  if (request.to !== undefined) checkAddress(request.to)
  checkSignal(request.signal)
  checkDuration('timeoutMs', request.timeoutMs)
  const handshakeTimeoutMs = request.handshakeTimeoutMs ?? defaultHandshakeTimeoutMs
  checkDuration('handshakeTimeoutMs', handshakeTimeoutMs)
  checkOption('handshakeTimeoutMs', handshakeTimeoutMs >= 1, 'at least 1')
  const { listen, to, permit, gatewayPorts = false, whenLost = 'listen again' } = request
  checkOption('gatewayPorts', typeof gatewayPorts === 'boolean', 'true or false')
  checkOption('whenLost', ['listen again', 'close'].includes(whenLost), "'listen again' or 'close'")
  checkReach([listen], { gatewayPorts })
  if (to !== undefined && permit !== undefined) {
    throw invalid('option permit', 'is for a forward without `to`, whose clients ask for a destination')
  }
  const listening = new RemoteListening(acquire, {
    listen,
    whenLost,
    to: to && Object.freeze({ ...to }),
    permit: permit && readPermit(permit),
    handshakeTimeoutMs,
  })
  return listening.begin({ signal: request.signal, timeoutMs: request.timeoutMs })
}
