// Puts a finished file in its place on the server.

import { SftpError } from '../errors.js'
import type { FileType } from '../sftp/sftp.js'
import { type BytePath, shownPath } from './byte-path.js'
import { temporaryBeside } from './temporary-name.js'
import type { TransferSession } from './transfer-session.js'

/**
 * Renames, so that what was there is replaced in one step (posix-rename@openssh.com). A server without that extension
 * does not replace: there the old file is set aside, and stands in the leftovers until the new one has its place, so that
 * whatever goes wrong meanwhile brings it back.
 */
export async function replaceRemote(
  { sftp, signal, hop, leftovers }: TransferSession,
  from: BytePath,
  to: BytePath,
): Promise<void> {
  try {
    await sftp.rename(from, to, { signal })
  } catch (error) {
    if (!(error instanceof SftpError) || error.code !== 'SFTP_FAILURE') throw error
    const there = await sftp.lstat(to, { signal }).catch(() => undefined)
    if (there === undefined) throw error
    if (there.type === 'directory') {
      const path = shownPath(to)
      const what = `a directory is in the place of the file ${path}`
      throw new SftpError('TRANSFER_FAILED', what, { path, hop, cause: error })
    }
    if (sftp.extensions.has('posix-rename@openssh.com')) throw error
    const aside = temporaryBeside(to)
    leftovers.add(aside, { placeOf: to })
    await sftp.rename(to, aside, { signal })
    await sftp.rename(from, to, { signal })
    await sftp.unlink(aside, { signal })
    leftovers.forget(aside)
  }
}

/** Rejects with TRANSFER_FAILED when a device or the like is in the place, itself and not behind a link. */
export async function requireReplaceable(session: TransferSession, to: BytePath): Promise<void> {
  const { sftp, signal } = session
  const there = await sftp.lstat(to, { signal }).catch((error: unknown) => {
    // What cannot be looked at is for the server to protect.
    if (error instanceof SftpError) return undefined
    throw error
  })
  if (there !== undefined) requireReplaceableType(session, to, there.type)
}

/** Throws TRANSFER_FAILED for the types that no file takes the place of. Directories are for the caller. */
export function requireReplaceableType({ hop }: TransferSession, to: BytePath, type: FileType): void {
  if (['file', 'directory', 'symlink', 'unknown'].includes(type)) return
  const path = shownPath(to)
  throw new SftpError('TRANSFER_FAILED', `a ${type} is in the place of the file ${path}`, { path, hop })
}
