// Puts a finished file in its place on the server.

import { SftpError } from '../errors.js'
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
