// Makes a directory, and on request those above it that are missing.

import { SftpError } from '../errors.js'
import { fileStats } from './file-stats.js'
import type { Peer } from './peer.js'
import { message } from './protocol/numbers.js'
import { findParent, shownPath } from './remote-path.js'
import { attributesRequest, command, withAttributes } from './requests.js'

export interface MakeDirectories {
  readonly mode: number | undefined
  /** What becomes of the directories above; with `make` one that is there is no error. */
  readonly above: 'make' | 'need'
  readonly signal: AbortSignal | undefined
}

export async function makeDirectories(peer: Peer, path: Buffer, options: MakeDirectories): Promise<void> {
  if (options.above === 'need') return makeOne(peer, path, options)
  // From below, so that the server is not asked about what has long been there.
  const missing: Buffer[] = []
  for (let next: Buffer | undefined = path; next !== undefined; next = findParent(next)) {
    missing.push(next)
    if ((await ensure(peer, next, options)) === 'done') break
  }
  missing.pop()
  for (const directory of missing.reverse()) {
    if ((await ensure(peer, directory, options)) === 'no parent') await makeOne(peer, directory, options)
  }
}

async function ensure(peer: Peer, path: Buffer, options: MakeDirectories): Promise<'done' | 'no parent'> {
  try {
    await makeOne(peer, path, options)
    return 'done'
  } catch (error) {
    if (!(error instanceof SftpError)) throw error
    if (error.code === 'SFTP_NO_SUCH_FILE' && findParent(path) !== undefined) return 'no parent'
    if (await isDirectory(peer, path, options.signal)) return 'done'
    throw error
  }
}

function makeOne(peer: Peer, path: Buffer, { mode, signal }: MakeDirectories): Promise<void> {
  const deed = { hop: peer.hop, what: 'make the directory', path: shownPath(path) }
  return peer.conversation.ask(command(deed, message.mkdir, withAttributes(path, { mode })), signal)
}

async function isDirectory(peer: Peer, path: Buffer, signal: AbortSignal | undefined): Promise<boolean> {
  const deed = { hop: peer.hop, what: 'stat', path: shownPath(path) }
  try {
    const found = await peer.conversation.ask(attributesRequest(deed, message.stat, path), signal)
    return fileStats(found).type === 'directory'
  } catch (error) {
    if (error instanceof SftpError) return false
    throw error
  }
}
