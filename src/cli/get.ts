// `sallyport get`: files from a host to here.

import { type Stats, statSync } from 'node:fs'
import { Writable } from 'node:stream'
import { SftpError } from '../index.js'
import type { Invocation } from './command-line.js'
import { type Copying, copyAll } from './copy-all.js'
import { MisuseError } from './misuse.js'
import { stdoutError } from './output-error.js'
import { readGetOperands } from './transfer-operands.js'
import { ofConnection, readTransferOptions } from './transfer-options.js'
import { withConnection } from './with-connection.js'

export async function get(invocation: Invocation): Promise<number> {
  const { destination, sources, target } = readGetOperands(invocation)
  const options = readTransferOptions(invocation)
  if (target.at === 'stream' && invocation.flags.some(({ letter }) => letter === '--json')) {
    throw new MisuseError('standard output takes the file or what --json prints', { command: 'get' })
  }
  return withConnection(ofConnection(invocation, destination), async (connection, { interruption }) => {
    // What the braces stand for is for the transfer; with a slash at its end it is a directory, and made.
    const isTemplate = target.at === 'here' && target.path.includes('{')
    const end = isTemplate && sources.length > 1 ? '/' : ''
    const prepare = async (): Promise<void> => {
      if (sources.length > 1 && target.at === 'here' && !isTemplate) requireDirectory(target.path)
    }
    const copyings = sources.map((source): Copying => {
      const to = target.at === 'here' ? target.path + end : standardOutput()
      return { source, copy: (call) => connection.get(source, to, { ...options, ...call }) }
    })
    return copyAll(copyings, { invocation, interruption, totalBytes: undefined, prepare })
  })
}

function requireDirectory(path: string): void {
  const stats = findStats(path)
  if (stats?.isDirectory()) return
  const what = stats === undefined ? 'there is no such directory' : 'it is no directory'
  const hint = 'several files need a directory that is there, to be copied into'
  throw new SftpError('LOCAL_FILE_FAILED', `cannot copy several files to ${path}: ${what}`, { path, hint })
}

/** `undefined` for whatever cannot be looked at, such as a name that is too long. */
function findStats(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

/** Not process.stdout itself, which a transfer would end. */
function standardOutput(): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, callback) => {
      process.stdout.write(chunk, (error) => {
        const isGone = !error || ('code' in error && error.code === 'EPIPE')
        callback(isGone ? error : stdoutError(error))
      })
    },
  })
}
