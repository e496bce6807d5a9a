// One file of the server to a path of this machine, whole or not at all.

import { createHash } from 'node:crypto'
import { type BytePath, pathText } from './byte-path.js'
import { findModeHere, LocalTemporary } from './local-temporary.js'
import { openPartialHere } from './partial-download.js'
import { closeQuietly, copiedStats, openRemote, type RemoteContent, readInOrder } from './remote-content.js'
import { requireDigest } from './remote-digests.js'
import { temporaryBeside } from './temporary-name.js'
import type { TransferSession } from './transfer-session.js'
import { isUseless, syncFromBytes, type WantedPartial } from './unfinished-file.js'

export interface DownloadPlace {
  readonly path: BytePath
  /** Whether it is the only file of the transfer. */
  readonly isAlone: boolean
  /** The size that the file was seen to have. */
  readonly expectedBytes?: number | undefined
}

/** Downloads a file that was seen to be one. */
export async function download(
  session: TransferSession,
  from: BytePath,
  place: DownloadPlace,
): Promise<void> {
  const { ledger, rules } = session
  const content = await openRemote(session, from, place.expectedBytes)
  const copied = copiedStats(content, session)
  const mode = copied.mode ?? (await findModeHere(place.path))
  const hash = rules.checksum === undefined ? undefined : createHash(rules.checksum)
  const meter = ledger.begin(pathText(from), content.stats.size)
  let temporary: LocalTemporary | undefined
  try {
    temporary = await begin(session, content, { ...place, mode, hash })
    const target = temporary
    const start = target.from
    meter.found(start)
    const size = await readInOrder(session, content, {
      from: start,
      take: async (data, at) => {
        hash?.update(data)
        await target.write(data, at)
        meter.add(data.length)
      },
    })
    if (hash !== undefined) await requireDigest(session, { path: from, size, digest: hash.digest('hex') })
    const isSynced = place.isAlone || size >= syncFromBytes
    // Aborted until here: once it has its name it stays.
    session.signal.throwIfAborted()
    await temporary.moveTo(place.path, { times: copied.times, isSynced })
    ledger.files += 1
  } catch (error) {
    await temporary?.abandon(isResumable(session, error) ? 'keep' : 'remove')
    throw error
  } finally {
    closeQuietly(content.file)
  }
}

/** Whether the partial file is of use to a later transfer. */
function isResumable({ rules }: TransferSession, error: unknown): boolean {
  return rules.resume && !isUseless(error)
}

async function begin(
  session: TransferSession,
  content: RemoteContent,
  wanted: WantedPartial,
): Promise<LocalTemporary> {
  const { rules, hop } = session
  const { path, mode } = wanted
  if (rules.resume && content.stats.size) return openPartialHere(session, content, wanted)
  return LocalTemporary.make(temporaryBeside(path), { hop, mode, sourceMode: content.stats.mode })
}
