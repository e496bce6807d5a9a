// Resolves the name of the first hop on this machine, as the system does it (getaddrinfo, so that /etc/hosts counts).

import { type LookupAddress, lookup } from 'node:dns'
import { isIP } from 'node:net'
import { findShortage } from './require-descriptors.js'

export type AddressFamily = 'any' | 'inet' | 'inet6'

export interface LookupRequest {
  readonly host: string
  readonly addressFamily: AddressFamily
  readonly signal: AbortSignal
}

const familyNumber = { any: 0, inet: 4, inet6: 6 } as const

/**
 * The addresses of a host: in the system's order, but with the families taking turns (RFC 8305 4); empty when a
 * numeric address is of another family than asked for. Rejects with the resolver's error or the signal's reason.
 */
export async function findAddresses(request: LookupRequest): Promise<readonly string[]> {
  const family = familyNumber[request.addressFamily]
  const found = await lookUp(request)
  const addresses = found.filter((entry) => family === 0 || entry.family === family)
  const first = addresses.filter((entry) => entry.family === addresses[0]?.family)
  const second = addresses.filter((entry) => entry.family !== addresses[0]?.family)
  return addresses
    .flatMap((_, i) => [...first.slice(i, i + 1), ...second.slice(i, i + 1)])
    .map((entry) => entry.address)
}

function lookUp({ host, addressFamily, signal }: LookupRequest): Promise<readonly LookupAddress[]> {
  if (isIP(host) !== 0) return Promise.resolve([{ address: host, family: isIP(host) }])
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    // getaddrinfo cannot be stopped: after an abort its answer is dropped.
    lookup(host, { all: true, family: familyNumber[addressFamily], verbatim: true }, (error, addresses) => {
      signal.removeEventListener('abort', onAbort)
      if (error === null) resolve(addresses)
      // Without a descriptor the system's resolver finds no name, and says that there is none.
      else reject(findShortage() ?? error)
    })
  })
}
