// Goes on with a download that was interrupted, as partial-upload does with an upload.

import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, lstat, open, readdir, unlink } from 'node:fs/promises'
import { formatHop, SftpError } from '../errors.js'
import { type BytePath, joinPath, splitPath } from './byte-path.js'
import { pieceBytes } from './content.js'
import { atLocal } from './local-failure.js'
import { LocalTemporary } from './local-temporary.js'
import type { RemoteContent } from './remote-content.js'
import { isPartialOf, partialBeside } from './temporary-name.js'
import type { TransferSession } from './transfer-session.js'
import type { WantedPartial } from './unfinished-file.js'

/**
 * Opens what is there of the file, or a new one. `hash` is told what need not be sent again. Without a command for
 * checksums on the server, size and time of the file are trusted.
 */
export async function openPartialHere(
  session: TransferSession,
  content: RemoteContent,
  wanted: WantedPartial,
): Promise<LocalTemporary> {
  const { hop } = session
  const { mode } = wanted
  const { size = 0, modifiedAt } = content.stats
  const from = `${formatHop(hop)}\0${Buffer.from(content.path).toString('hex')}`
  const path = partialBeside(wanted.path, { from, size, modifiedAt })
  if (wanted.isAlone) await removeOthers(wanted.path, path)
  const there = await lstat(path).catch(() => undefined)
  if (there?.isFile() && there.nlink === 1 && there.uid === (process.geteuid?.() ?? there.uid)) {
    const { O_RDWR, O_NOFOLLOW = 0 } = constants
    const handle = await atLocal({ path, hop }, () => open(path, O_RDWR | O_NOFOLLOW))
    try {
      const length = (await handle.stat()).size
      if (length > 0 && length <= size && (await isStartOf(session, content, { handle, length }))) {
        if (wanted.hash !== undefined) await hashStart(handle, length, wanted.hash)
        return new LocalTemporary(path, handle, { hop, mode, from: length })
      }
    } catch (error) {
      await handle.close()
      throw error
    }
    await handle.close()
  }
  if (there !== undefined) await atLocal({ path, hop }, () => unlink(path))
  return LocalTemporary.make(path, { hop, mode, sourceMode: content.stats.mode })
}

async function removeOthers(path: BytePath, temporary: BytePath): Promise<void> {
  const { directory } = splitPath(path)
  const own = splitPath(temporary).name.rawName
  const names = await readdir(directory, { encoding: 'buffer' }).catch(() => [])
  for (const rawName of names) {
    if (rawName.equals(own) || !isPartialOf(path, rawName)) continue
    await unlink(joinPath(directory, { name: rawName.toString(), rawName })).catch(() => {})
  }
}

async function isStartOf(
  { digests }: TransferSession,
  { path }: { readonly path: BytePath },
  { handle, length }: { readonly handle: FileHandle; readonly length: number },
): Promise<boolean> {
  const hash = createHash('sha256')
  const wanted = digests.sha256({ path, bytes: length }).catch((error: unknown) => {
    if (error instanceof SftpError && error.code === 'CHECKSUM_UNAVAILABLE') return undefined
    throw error
  })
  const [digest] = await Promise.all([wanted, hashStart(handle, length, hash)])
  return digest === undefined || digest === hash.digest('hex')
}

async function hashStart(handle: FileHandle, length: number, hash: Hash): Promise<void> {
  const buffer = Buffer.allocUnsafe(pieceBytes)
  let position = 0
  while (position < length) {
    const wanted = Math.min(buffer.length, length - position)
    const { bytesRead } = await handle.read(buffer, 0, wanted, position)
    if (bytesRead === 0) return
    hash.update(buffer.subarray(0, bytesRead))
    position += bytesRead
  }
}
