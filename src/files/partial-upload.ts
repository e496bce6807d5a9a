// Goes on with an upload that was interrupted. The name of its file is made of the size and the time of the source, so
// that what was begun of another version is not found; and what is there must have the checksum of what was sent.

import { createHash, type Hash } from 'node:crypto'
import { SftpError } from '../errors.js'
import { type BytePath, joinPath, shownPath, splitPath } from './byte-path.js'
import { type Content, pieceBytes } from './content.js'
import { isPartialOf, partialBeside, temporaryBeside } from './temporary-name.js'
import type { TransferSession } from './transfer-session.js'
import type { BegunUpload, WantedPartial } from './unfinished-file.js'

/** What may be missing in the middle, where a server writes in another order and no checksum can show it. */
const doubtfulBytes = 8 * 1024 * 1024

/** Opens what is there of the file, or a new one. `hash` is told what need not be sent again. */
export async function openPartial(
  session: TransferSession,
  content: Content,
  wanted: WantedPartial,
): Promise<BegunUpload> {
  const { sftp, signal } = session
  const { version } = content
  if (version === undefined) throw new Error('a content that cannot be resumed')
  const temporary = partialBeside(wanted.path, version)
  if (wanted.isAlone) await removeOthers(session, wanted.path, temporary)
  const there = await sftp.lstat(temporary, { signal }).catch(ignoreMissing)
  const isOurs = there?.type === 'file' && (wanted.mode === undefined || there.mode === 0o600)
  const length = isOurs ? (there.size ?? 0) : 0
  const from = await findCommonLength(session, content, { temporary, length })
  if (from > 0) {
    if (wanted.hash !== undefined) await hashStart(content, from, [wanted.hash])
    const file = await sftp.open(temporary, 'r+', { signal })
    return { temporary, file, from }
  }
  if (there !== undefined) await sftp.unlink(temporary, { signal })
  // It must be possible to go on with it.
  const unasked = content.mode === undefined ? undefined : content.mode | 0o600
  const mode = wanted.mode === undefined ? unasked : 0o600
  return { temporary, file: await sftp.open(temporary, 'wx', { mode, signal }), from: 0 }
}

/**
 * Gives the finished file a name that only this transfer has, and makes sure that it is whole: another transfer of the
 * same source may have begun anew under the old name. Then it gets its file back, and this rejects with TRANSFER_FAILED.
 */
export async function claimPartial(
  { sftp, signal, hop, leftovers }: TransferSession,
  path: BytePath,
  { temporary, size }: { readonly temporary: BytePath; readonly size: number },
): Promise<BytePath> {
  const own = temporaryBeside(path)
  leftovers.add(own, { placeOf: temporary })
  const stats = await sftp
    .rename(temporary, own, { signal })
    .then(() => sftp.lstat(own, { signal }))
    .catch(ignoreMissing)
  if (stats?.type === 'file' && stats.size === size) return own
  if (stats === undefined) leftovers.forget(own)
  const shown = shownPath(path)
  const what = `another transfer of the same source to ${shown} took over what this one had sent`
  throw new SftpError('TRANSFER_FAILED', what, { path: shown, hop })
}

async function removeOthers(
  { sftp, signal }: TransferSession,
  path: BytePath,
  temporary: BytePath,
): Promise<void> {
  const { directory } = splitPath(path)
  const own = splitPath(temporary).name.rawName
  for await (const entry of sftp.entries(directory.length === 0 ? '.' : directory, { signal })) {
    if (entry.rawName.equals(own) || !isPartialOf(path, entry.rawName)) continue
    await sftp.unlink(joinPath(directory, entry), { signal })
  }
}

/** How much of what is there is surely the beginning of the content. */
async function findCommonLength(
  { digests }: TransferSession,
  content: Content,
  { temporary, length }: { readonly temporary: BytePath; readonly length: number },
): Promise<number> {
  if (length === 0 || length > (content.size ?? 0)) return 0
  const wanted = digests.sha256({ path: temporary, bytes: length }).catch((error: unknown) => {
    if (error instanceof SftpError && error.code === 'CHECKSUM_UNAVAILABLE') return undefined
    throw error
  })
  const hash = createHash('sha256')
  await Promise.all([wanted, hashStart(content, length, [hash])])
  const digest = await wanted
  if (digest === undefined) return Math.max(0, length - doubtfulBytes)
  return digest === hash.digest('hex') ? length : 0
}

async function hashStart(content: Content, length: number, hashes: readonly Hash[]): Promise<void> {
  let missing = length
  const pieces = content.read(0)
  while (missing > 0) {
    const next = await pieces.next()
    if (next.done) return
    const data = next.value.subarray(0, Math.min(missing, pieceBytes))
    for (const hash of hashes) hash.update(data)
    missing -= data.length
  }
  await pieces.return?.()
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof SftpError && error.code === 'SFTP_NO_SUCH_FILE') return undefined
  throw error
}
