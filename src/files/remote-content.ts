// The content of a file of the server, read ahead and given in order.

import { type HopRef, SftpError } from '../errors.js'
import type { FileStats, FileType, SftpFile } from '../sftp/sftp.js'
import { type BytePath, shownPath } from './byte-path.js'
import { changed, pieceBytes, rewritten } from './content.js'
import type { TransferSession } from './transfer-session.js'

/** A file of the server that is open. Whoever opened it closes it. */
export interface RemoteContent {
  readonly path: BytePath
  readonly file: SftpFile
  /** As it was opened: the size at that moment counts. */
  readonly stats: FileStats
  /** Its beginning, where that was asked for together with the rest. */
  readonly start: Promise<Buffer> | undefined
}

/**
 * Opens a file that was seen to be one: opening a fifo would block the server. Rejects with TRANSFER_FAILED when it has
 * become something else. With the size that it was seen to have, a small one is read at once.
 */
export async function openRemote(
  session: TransferSession,
  path: BytePath,
  expectedBytes = 0,
): Promise<RemoteContent> {
  const { sftp, signal, hop } = session
  const file = await sftp.open(path, 'r', { signal })
  try {
    const isSmall = expectedBytes > 0 && expectedBytes <= Math.min(pieceBytes, file.readBytes)
    const start = isSmall ? file.read(0, expectedBytes, { signal }) : undefined
    start?.catch(() => {})
    const stats = await file.stat({ signal })
    if (stats.type !== 'file' && stats.type !== 'unknown') throw noFile(path, stats.type, hop)
    return { path, file, stats, start }
  } catch (error) {
    closeQuietly(file)
    throw error
  }
}

/** Closes it without waiting: the end of the session does so, too. */
export function closeQuietly(file: SftpFile): void {
  file.close().catch(() => {})
}

/** The error for what cannot be read as a file. */
export function noFile(path: BytePath, type: FileType, hop: HopRef): SftpError {
  const shown = shownPath(path)
  return new SftpError('TRANSFER_FAILED', `${shown} is no file but a ${type}`, {
    path: shown,
    hop,
    hint: type === 'directory' ? 'set recursive to copy it with all that is in it' : undefined,
  })
}

/**
 * Hands over the content from a byte on, in order, piece by piece, and gives the size of the whole. Reads ahead
 * meanwhile. Rejects with FILE_CHANGED when there is less than the size that it had, or when it has that size and was
 * written to in another second than before; what was added since is left out.
 * A file that says it is empty, or nothing, is read to its end, as those of /proc have to be.
 */
export async function readInOrder(
  session: TransferSession,
  { path, file, stats, start }: RemoteContent,
  to: { readonly from: number; readonly take: (data: Buffer, position: number) => Promise<void> },
): Promise<number> {
  const { budget, signal, hop } = session
  const end = stats.size || Number.POSITIVE_INFINITY
  const isOpenEnded = end === Number.POSITIVE_INFINITY
  const ahead: { readonly data: Promise<Buffer>; readonly give: () => void; readonly length: number }[] = []
  let asked = to.from
  let position = to.from
  let last: Promise<FileStats> | undefined
  // Of a file without a size the first piece is mostly the last.
  const most = isOpenEnded ? 1 : Number.POSITIVE_INFINITY
  try {
    const first = to.from === 0 ? await start : undefined
    if (first !== undefined) {
      const known = first.subarray(0, stats.size)
      await to.take(known, 0)
      position = known.length
      asked = known.length
    }
    for (;;) {
      while (asked < end && ahead.length < most && (ahead.length === 0 || budget.hasRoom(pieceBytes))) {
        const length = Math.min(pieceBytes, end - asked)
        const give = await budget.take(length)
        const data = file.read(asked, length, { signal })
        data.catch(() => {})
        ahead.push({ data, give, length })
        asked += length
        if (asked >= end) {
          last = file.stat({ signal })
          last.catch(() => {})
        }
      }
      const next = ahead.shift()
      if (next === undefined) {
        if (last !== undefined && isRewritten(stats, await last)) throw rewritten(path, hop)
        return position
      }
      try {
        const data = await next.data
        await to.take(data, position)
        position += data.length
        if (data.length < next.length) {
          if (isOpenEnded) return position
          throw changed(path, hop)
        }
      } finally {
        next.give()
      }
    }
  } finally {
    for (const { data, give } of ahead) void data.catch(() => {}).finally(give)
  }
}

/** One that is longer has most likely been added to, as logs are. */
function isRewritten(before: FileStats, after: FileStats): boolean {
  if (after.size === undefined || before.size === undefined) return false
  const isTouched = after.modifiedAt?.getTime() !== before.modifiedAt?.getTime()
  return after.size < before.size || (after.size === before.size && isTouched)
}

/** What the copy is given of the original, where the server said it. */
export function copiedStats({ stats }: RemoteContent, { rules }: Pick<TransferSession, 'rules'>) {
  const { accessedAt, modifiedAt, mode } = stats
  return {
    mode: rules.preserveMode && mode !== undefined ? mode & 0o777 : undefined,
    times:
      rules.preserveTimes && modifiedAt !== undefined
        ? { accessedAt: accessedAt ?? modifiedAt, modifiedAt }
        : undefined,
  }
}
