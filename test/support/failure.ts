// The error of something that has to fail, as one of the library's own.

import { Connection, type ConnectionOptions, SallyportError } from '../../src/index.js'
import { knownHostsFile, optionsFor } from './link-up.js'
import type { Sshd } from './sshd.js'

/** What `work` rejects with. Rejects itself when `work` succeeds, or fails with a stranger's error. */
export async function failureOf(work: Promise<unknown>): Promise<SallyportError> {
  try {
    await work
  } catch (error) {
    if (error instanceof SallyportError) return error
    throw error
  }
  throw new Error('this was to fail, and succeeded')
}

/** A connection to `sshd` by another address than its own, such as a proxy's. It knows the host key there. */
export function connectionBy(
  address: { readonly host: string; readonly port: number },
  sshd: Sshd,
  options: ConnectionOptions = {},
): Connection {
  const { host, port } = address
  const lines = sshd.hostKeys.map(({ publicLine }) => `[${host}]:${port} ${publicLine}\n`)
  const userKnownHostsFile = [knownHostsFile(lines.join(''))]
  return new Connection(host, { ...optionsFor(sshd), port, userKnownHostsFile, ...options })
}
