// One file to the server, whole or not at all: written under a name of its own in the same directory, with mode 0600
// where a mode is known, and then renamed. On failure its name stands in the leftovers, which the session removes.

import { createHash, type Hash } from 'node:crypto'
import { SftpError } from '../errors.js'
import { interruptible } from '../interruptible.js'
import { type BytePath, pathText, shownPath } from './byte-path.js'
import { type Content, pieceBytes } from './content.js'
import type { FileMeter } from './ledger.js'
import { claimPartial, openPartial } from './partial-upload.js'
import { requireDigest } from './remote-digests.js'
import { replaceRemote, requireReplaceable } from './replace-remote.js'
import { temporaryBeside } from './temporary-name.js'
import type { TransferSession } from './transfer-session.js'
import { type BegunUpload, isUseless, syncFromBytes, type WantedPartial } from './unfinished-file.js'

export interface UploadPlace {
  readonly path: BytePath
  /** Whether it is the only file of the transfer. */
  readonly isAlone: boolean
}

/** Uploads, and disposes the content. */
export async function upload(session: TransferSession, content: Content, place: UploadPlace): Promise<void> {
  await using source = content
  const { rules, ledger, leftovers } = session
  const mode = (rules.preserveMode ? source.mode : undefined) ?? (await findModeOf(session, place.path))
  const hash = rules.checksum === undefined ? undefined : createHash(rules.checksum)
  const begun = await begin(session, source, { ...place, mode, hash })
  let { temporary } = begun
  const size = await fill(session, source, { ...begun, ...place, mode, hash }).catch((error: unknown) => {
    // What is left of a source that has changed is of no use to a later transfer.
    if (isUseless(error)) leftovers.add(temporary)
    throw error
  })
  if (isPartial(session, source)) temporary = await claimPartial(session, place.path, { temporary, size })
  await replaceRemote(session, temporary, place.path)
  leftovers.forget(temporary)
  ledger.files += 1
}

interface Filling extends BegunUpload, UploadPlace {
  readonly mode: number | undefined
  readonly hash: Hash | undefined
}

/** Sends the content, gives the file its mode and times, and closes it, whatever happens. Gives the size of the whole. */
async function fill(session: TransferSession, content: Content, begun: Filling): Promise<number> {
  const { sftp, signal, rules, ledger } = session
  const { file, mode, hash, temporary } = begun
  const meter = ledger.begin(content.path, content.size)
  let size = 0
  const steps: Promise<unknown>[] = []
  try {
    meter.found(begun.from)
    size = await send(session, content, { ...begun, meter, steps })
    // A server must process the requests for one file in their order (filexfer-02, 6.1): none waits for the one before.
    const times = rules.preserveTimes ? content.times : undefined
    if (mode !== undefined || times !== undefined) steps.push(file.setStats({ mode, times }, { signal }))
    steps.push(requireReplaceable(session, begun.path))
    const isSynced = begun.isAlone || size >= syncFromBytes
    if (isSynced && sftp.extensions.has('fsync@openssh.com')) steps.push(file.sync({ signal }))
  } finally {
    steps.push(file.close({ signal }))
    await Promise.allSettled(steps)
  }
  await Promise.all(steps)
  if (hash !== undefined) await requireDigest(session, { path: temporary, size, digest: hash.digest('hex') })
  return size
}

async function begin(
  session: TransferSession,
  content: Content,
  wanted: WantedPartial,
): Promise<BegunUpload> {
  const { sftp, signal, leftovers } = session
  if (isPartial(session, content)) return openPartial(session, content, wanted)
  const temporary = temporaryBeside(wanted.path)
  leftovers.add(temporary)
  try {
    const file = await sftp.open(temporary, 'wx', {
      // The server takes its umask from it, as it does for scp.
      mode: wanted.mode === undefined ? content.mode : 0o600,
      signal,
    })
    return { temporary, file, from: 0 }
  } catch (error) {
    throw renamedError(error, wanted.path, temporary)
  }
}

/** Whether its temporary file has the name that a later transfer looks for. */
function isPartial({ rules }: TransferSession, { version }: Content): boolean {
  return rules.resume && version !== undefined
}

/** What could not be opened is, to the caller, the file that was to be there. */
function renamedError(error: unknown, path: BytePath, temporary: BytePath): unknown {
  if (!(error instanceof SftpError) || error.path !== shownPath(temporary)) return error
  const { code, hop, status, hint } = error
  const [shown, other] = [shownPath(path), shownPath(temporary)]
  const what = `could not write ${shown}, by way of ${other}: ${pathText(error.message.split(': ').at(-1) ?? '')}`
  return new SftpError(code, what, { path: shown, hop, status, hint, cause: error })
}

interface Sending extends BegunUpload {
  readonly meter: FileMeter
  readonly hash: Hash | undefined
  /** What the upload waits for before the file takes its place. */
  readonly steps: Promise<unknown>[]
}

/** Reads ahead while what was read before is on its way. Gives the size of the whole; the last writes are in `steps`. */
async function send(session: TransferSession, content: Content, to: Sending): Promise<number> {
  const { budget, signal } = session
  const pieces = content.read(to.from)
  const underWay = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  let position = to.from
  try {
    while (failure === undefined) {
      const give = await budget.take(Math.min(pieceBytes, content.size ?? pieceBytes))
      const next = await interruptible(pieces.next(), signal).catch((error: unknown) => {
        give()
        throw error
      })
      if (next.done) {
        give()
        break
      }
      const data = next.value
      to.hash?.update(data)
      const written = to.file
        .write(position, data, { signal })
        .then(() => to.meter.add(data.length))
        .catch((error: unknown) => {
          failure ??= { error }
        })
        .finally(() => {
          underWay.delete(written)
          give()
        })
      underWay.add(written)
      position += data.length
    }
    // Longer pieces than the server takes at once are sent bit by bit: what comes after them has to wait.
    if (pieceBytes > to.file.writeBytes) await Promise.all(underWay)
  } finally {
    to.steps.push(
      Promise.all(underWay).then(() => {
        if (failure !== undefined) throw failure.error
      }),
    )
  }
  return position
}

/** The mode of what is there, which it keeps; `undefined` when the server's umask is to decide. */
async function findModeOf(session: TransferSession, path: BytePath): Promise<number | undefined> {
  const { sftp, signal } = session
  const there = await sftp.findStats(path, { signal })
  return there?.type === 'file' && there.mode !== undefined ? there.mode & 0o777 : undefined
}
