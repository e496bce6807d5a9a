// Connections to the rigs: each with the key, the user and the known_hosts of its own server and of no other.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Connection, type ConnectionOptions } from '../../src/index.js'
import type { Chain } from './chain.js'
import { scratchDir } from './run-dir.js'
import type { Sshd } from './sshd.js'

/** The options by which a program reaches `sshd` and trusts no other key. */
export function optionsFor(sshd: Sshd): ConnectionOptions {
  return {
    user: sshd.user,
    port: sshd.port,
    identityFile: [sshd.userKeyFile],
    identityAgent: 'none',
    userKnownHostsFile: [knownHostsFile(sshd.knownHostsLine())],
    globalKnownHostsFile: [],
  }
}

/** A connection to `sshd`, not open yet; `options` win. */
export function connectionTo(sshd: Sshd, options: ConnectionOptions = {}): Connection {
  return new Connection(sshd.host, { ...optionsFor(sshd), ...options })
}

/** Connections to all servers of a chain, each the gateway of the next; the last one is the target. */
export function connectionsThrough(chain: Chain, target: ConnectionOptions = {}): readonly Connection[] {
  const connections: Connection[] = []
  for (const [index, sshd] of chain.sshds.entries()) {
    const gateway = connections.at(-1)
    const isTarget = index === chain.sshds.length - 1
    connections.push(connectionTo(sshd, { ...(gateway && { gateway }), ...(isTarget ? target : {}) }))
  }
  return connections
}

/** Closes all, the target first. */
export async function closeAll(connections: readonly Connection[]): Promise<void> {
  for (const connection of [...connections].reverse()) await connection.close()
}

/** A known_hosts file with this text. */
export function knownHostsFile(text: string): string {
  const file = join(scratchDir('known-hosts'), 'known_hosts')
  writeFileSync(file, text)
  return file
}
