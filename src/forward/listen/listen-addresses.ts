// Where a forward may listen on this machine: what an absent host and a wildcard stand for, and who could connect.

import { BlockList, isIP } from 'node:net'
import { reportWarning } from '../../diagnostics.js'
import { formatAddress, type ListenAddress } from '../../dialer.js'
import { ConfigError, type HopRef } from '../../errors.js'
import { checkAddress, checkOption } from '../../option-check.js'

/** The numeric addresses, or the name, that share one port. */
export type Hosts = readonly [string, ...string[]]

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** What a listen address of TCP stands for. Without a host, or with `localhost`, the loopback addresses. */
export function hostsOf(host: string | undefined): Hosts {
  if (host === undefined || host.toLowerCase() === 'localhost') return ['127.0.0.1', '::1']
  return isWildcard(host) ? ['0.0.0.0', '::'] : [host]
}

/** The value of the option `listen` as a list; by default a free port of the loopback addresses. */
export function listenList(
  listen: ListenAddress | readonly ListenAddress[] | undefined,
): readonly ListenAddress[] {
  const list = listen === undefined ? [{ port: 0 }] : isList(listen) ? listen : [listen]
  checkOption('listen', list.length > 0, 'an address or a list of them')
  for (const address of list) checkListenAddress(address)
  return list
}

/** Throws a TypeError for what is no address to listen on. */
export function checkListenAddress(address: ListenAddress): void {
  if (typeof address === 'object' && address !== null && !('path' in address)) {
    const { host, port } = address
    // Any port, and no host or the two ways to say all, are for listening only.
    checkAddress({ host: host === undefined || isWildcard(host) ? '*' : host, port: port === 0 ? 1 : port })
  } else checkAddress(address)
}

/** Throws INVALID_OPTION for an address that others could reach, unless that is wanted. */
export function checkReach(
  list: readonly ListenAddress[],
  { gatewayPorts }: { readonly gatewayPorts: boolean },
): void {
  const open = gatewayPorts ? undefined : list.find(isOpenToOthers)
  if (open === undefined) return
  const what = `option listen: others could connect to ${shownListen(open)}`
  const hint = 'listen on localhost, or say gatewayPorts: true if that is meant'
  throw new ConfigError('INVALID_OPTION', what, { origin: 'option listen', phase: 'listen', hint })
}

/** Warns of what others can reach. */
export function warnOfReach(list: readonly ListenAddress[], hop: HopRef): void {
  for (const address of list.filter(isOpenToOthers)) {
    reportWarning({ hop, message: `a forward listens where others can connect: ${shownListen(address)}` })
  }
}

/** Names other than localhost count, too: what they stand for is not ours to say. */
export function isOpenToOthers(address: ListenAddress): boolean {
  if ('path' in address) return false
  return hostsOf(address.host).some((host) => {
    const family = isIP(host)
    return family === 0 || !loopback.check(host, family === 4 ? 'ipv4' : 'ipv6')
  })
}

export function shownListen(address: ListenAddress): string {
  if ('path' in address) return address.path
  return formatAddress({
    host: address.host === undefined ? 'localhost' : address.host || '*',
    port: address.port,
  })
}

function isWildcard(host: string): boolean {
  return host === '' || host === '*'
}

function isList(listen: ListenAddress | readonly ListenAddress[]): listen is readonly ListenAddress[] {
  return Array.isArray(listen)
}
