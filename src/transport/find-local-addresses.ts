// The address of this machine that a connection leaves from: ssh_config(5) BindAddress and BindInterface.

import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { findAddresses } from './find-addresses.js'

export interface LocalEnd {
  /** An address or a name of this machine; beats `bindInterface`. */
  readonly bindAddress: string | undefined
  readonly bindInterface: string | undefined
}

/** By IP version, 4 or 6, the address to leave from. */
export type LocalAddresses = ReadonlyMap<number, string>

/**
 * The addresses to leave from; `undefined` when any will do. Rejects with the resolver's error for a name that is not
 * known, or the signal's reason.
 */
export async function findLocalAddresses(
  { bindAddress, bindInterface }: LocalEnd,
  signal: AbortSignal,
): Promise<LocalAddresses | undefined> {
  if (bindAddress !== undefined) {
    const addresses = await findAddresses({ host: bindAddress, addressFamily: 'any', signal })
    return firstOfEach(addresses.map((address) => ({ address, version: address.includes(':') ? 6 : 4 })))
  }
  return bindInterface === undefined ? undefined : addressesOf(bindInterface)
}

// As with ssh, addresses that lead nowhere else come last.
function addressesOf(name: string): LocalAddresses {
  const entries = Object.entries(networkInterfaces()).find(([known]) => known === name)?.[1] ?? []
  return firstOfEach(
    [...entries.filter((entry) => !isLocal(entry)), ...entries.filter(isLocal)].map((entry) => ({
      address: entry.family === 'IPv6' && entry.scopeid !== 0 ? `${entry.address}%${name}` : entry.address,
      version: entry.family === 'IPv6' ? 6 : 4,
    })),
  )
}

function isLocal({ internal, address }: NetworkInterfaceInfo): boolean {
  return internal || address.startsWith('fe80:')
}

function firstOfEach(
  found: readonly { readonly address: string; readonly version: number }[],
): LocalAddresses {
  // The last one set stays.
  return new Map([...found].reverse().map(({ address, version }) => [version, address]))
}
