// A symbolic link of the server, made again on this machine. What it leads to is nobody's business: nothing is written
// through it.

import { readlink, symlink, unlink } from 'node:fs/promises'
import type { BytePath } from './byte-path.js'
import { atLocal } from './local-failure.js'
import { replaceLocal } from './replace-local.js'
import { temporaryBeside } from './temporary-name.js'
import type { TransferSession } from './transfer-session.js'

/** A link that is to be made. */
export interface LocalLink {
  readonly path: BytePath
  readonly text: string
}

/** A link replaces a file or another link. */
export async function makeLink(
  { hop, ledger, signal }: TransferSession,
  { path, text }: LocalLink,
): Promise<void> {
  signal.throwIfAborted()
  const temporary = temporaryBeside(path)
  await atLocal({ path, hop }, async () => {
    if ((await readlink(path).catch(() => undefined)) !== text) {
      await symlink(text, temporary)
      await replaceLocal(temporary, path, hop).catch(async (error: unknown) => {
        await unlink(temporary).catch(() => {})
        throw error
      })
    }
  })
  ledger.files += 1
}
