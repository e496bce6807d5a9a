// Puts a finished file, or a link, in its place on this machine.

import type { Stats } from 'node:fs'
import { lstat, rename } from 'node:fs/promises'
import { type HopRef, SftpError } from '../errors.js'
import { type BytePath, shownPath } from './byte-path.js'
import { kindOf } from './content.js'
import { atLocal } from './local-failure.js'

/** Renames, so that a file or a symbolic link is replaced in one step. Anything else there is TRANSFER_FAILED. */
export async function replaceLocal(from: BytePath, to: BytePath, hop: HopRef): Promise<void> {
  const there = await lstat(to).catch(() => undefined)
  if (there !== undefined && !there.isSymbolicLink()) requireFile(to, there, hop)
  await atLocal({ path: to, hop }, () => rename(from, to))
}

/** Throws TRANSFER_FAILED for what no file takes the place of. */
export function requireFile(to: BytePath, there: Stats, hop: HopRef): void {
  if (there.isFile()) return
  const path = shownPath(to)
  throw new SftpError('TRANSFER_FAILED', `a ${kindOf(there)} is in the place of the file ${path}`, {
    path,
    hop,
  })
}
