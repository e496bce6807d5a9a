// One port on several addresses: for the loopback addresses of both families, which clients take for one host.

import { once } from 'node:events'
import { isIPv6, type Server } from 'node:net'
import { closeServer } from './close-server.js'
import type { Hosts } from './listen-addresses.js'

/** How often a free port of one address is tried on the others. */
const maxTries = 32

export interface PortRequest {
  readonly hosts: Hosts
  readonly port: number
  readonly signal: AbortSignal
}

/**
 * Listens on `port` of all `hosts`; for port 0 on one that is free on all of them. Of several, those of a family that
 * this machine does not have are left out. Rejects with the system's error, and then nothing listens.
 */
export async function listenOnPort(
  newServer: () => Server,
  { hosts, port, signal }: PortRequest,
): Promise<readonly { readonly host: string; readonly port: number }[]> {
  for (let tries = 1; ; tries++) {
    const servers: Server[] = []
    const addresses: { readonly host: string; readonly port: number }[] = []
    let missing: unknown
    try {
      for (const host of hosts) {
        const server = newServer()
        try {
          addresses.push(await listen(server, { host, port: addresses[0]?.port ?? port, signal }))
          servers.push(server)
        } catch (error) {
          if (hosts.length === 1 || !isFamilyMissing(error)) throw error
          missing = error
        }
      }
      if (addresses.length === 0) throw missing
      return addresses
    } catch (error) {
      await Promise.all(servers.map(closeServer))
      // Free on one address, taken on another: the next one that the system chooses may do.
      const isTaken = codeOf(error) === 'EADDRINUSE'
      if (port !== 0 || !isTaken || servers.length === 0 || tries === maxTries) throw error
    }
  }
}

async function listen(
  server: Server,
  { host, port, signal }: { readonly host: string; readonly port: number; readonly signal: AbortSignal },
): Promise<{ readonly host: string; readonly port: number }> {
  server.listen({ host, port, ipv6Only: isIPv6(host), exclusive: true })
  await once(server, 'listening', { signal })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('a server of TCP without a port')
  return { host: address.address, port: address.port }
}

function isFamilyMissing(error: unknown): boolean {
  return ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(codeOf(error))
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
