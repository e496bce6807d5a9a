// `sallyport put`: files from here to a host.

import { lstatSync } from 'node:fs'
import { type Sftp, SftpError } from '../index.js'
import type { Invocation } from './command-line.js'
import { type Copying, copyAll } from './copy-all.js'
import { readPutOperands } from './transfer-operands.js'
import { ofConnection, readTransferOptions } from './transfer-options.js'
import { withConnection } from './with-connection.js'

export async function put(invocation: Invocation): Promise<number> {
  const { destination, sources, target } = readPutOperands(invocation)
  const options = readTransferOptions(invocation)
  return withConnection(ofConnection(invocation, destination), async (connection, { interruption }) => {
    const { signal } = interruption
    // With a slash at its end it has to be a directory, too.
    const isResolvedThere = /^~|\{/.test(target)
    const several = isResolvedThere && sources.length > 1 ? `${target}/` : target
    const remote = several === '' ? undefined : several
    const prepare = async (): Promise<void> => {
      if (sources.length < 2 || isResolvedThere) return
      await using sftp = await connection.sftp({ signal })
      await requireDirectory(sftp, { path: target === '' ? '.' : target, signal })
    }
    const copyings = sources.map((source): Copying => {
      const name = source.at === 'here' ? source.path : '-'
      const from = source.at === 'here' ? source.path : process.stdin
      return { source: name, copy: (call) => connection.put(from, remote, { ...options, ...call }) }
    })
    const sizes = sources.map((source) => (source.at === 'here' ? findSize(source.path) : undefined))
    return copyAll(copyings, { invocation, interruption, totalBytes: sumOf(sizes), prepare })
  })
}

async function requireDirectory(
  sftp: Sftp,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<void> {
  const stats = await sftp.findStats(path, { signal })
  if (stats?.type === 'directory') return
  const what = stats === undefined ? 'there is no such directory' : 'it is no directory'
  const hint = 'several files need a directory that is there, to be copied into'
  throw new SftpError('TRANSFER_FAILED', `cannot copy several files to ${path}: ${what}`, { path, hint })
}

/** Only of a plain file: for a directory the transfer itself finds it, and it tells what is wrong with a path. */
function findSize(path: string): number | undefined {
  try {
    const stats = lstatSync(path)
    return stats.isFile() ? stats.size : undefined
  } catch {
    return undefined
  }
}

function sumOf(sizes: readonly (number | undefined)[]): number | undefined {
  return sizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0)
}
