// The addresses of this machine, for `Match localnetwork`.

import { networkInterfaces } from 'node:os'

/**
 * The addresses of all interfaces that are up, the loopback among them, as readconf.c takes them. Those of IPv6 that
 * are valid on one link only are left out: OpenSSH finds them in no network, because networks have no scope.
 */
export function localAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses)
    .filter((address) => address.family === 'IPv4' || address.scopeid === 0)
    .map(({ address }) => address)
}
