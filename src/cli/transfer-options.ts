// The flags of `put` and `get`: what they say of the transfer, and which are left for the connection.

import type { TransferOptions } from '../index.js'
import { hasFlag, type Invocation } from './command-line.js'
import { MisuseError } from './misuse.js'

const waysOfLinks = ['skip', 'copy', 'follow'] as const

/** As scp: without -p the copies have the times of now. Throws `MisuseError`. */
export function readTransferOptions(invocation: Invocation): TransferOptions {
  const { command, flags } = invocation
  const word = flags.findLast(({ letter }) => letter === '--symlinks')?.value
  const symlinks = waysOfLinks.find((way) => way === word)
  if (word !== undefined && symlinks === undefined) {
    throw new MisuseError(`--symlinks: must be skip, copy or follow, and is ${JSON.stringify(word)}`, {
      command,
    })
  }
  const preserve = hasFlag(invocation, '-p')
  return {
    recursive: hasFlag(invocation, '-r'),
    preserveMode: preserve,
    preserveTimes: preserve,
    symlinks,
    resume: hasFlag(invocation, '--resume'),
    checksum: hasFlag(invocation, '--checksum') ? 'sha256' : undefined,
  }
}

/** The same command line as one about its host. As with scp, -p is no port, and agents are forwarded by -A only. */
export function ofConnection(invocation: Invocation, destination: string): Invocation {
  const flags = invocation.flags.filter(({ letter }) => letter !== '-p')
  const noAgent = hasFlag(invocation, '-A') ? [] : [{ letter: '-o', value: 'ForwardAgent=no' }]
  return { ...invocation, host: destination, flags: [...flags, ...noAgent] }
}
