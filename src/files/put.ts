// Uploads: what goes where, and each file whole or not at all.

import { sep } from 'node:path'
import { ConfigError, SftpError } from '../errors.js'
import type { Acquire } from '../hops/lease.js'
import { entryName, joinPath, shownPath, withoutEndSlash } from './byte-path.js'
import { openLocal } from './content.js'
import { findNameOf, givenContent, requireGiven } from './given-content.js'
import { findLocalSources, type LocalSource } from './local-sources.js'
import { fillTemplate, hostValues } from './path-template.js'
import { requireReplaceableType } from './replace-remote.js'
import { requirePath, resolveRemote } from './resolve-remote.js'
import { requireSeparatePlaces } from './separate-places.js'
import type { PutSource, TransferOptions, TransferResult } from './transfer.js'
import { transferResult } from './transfer-result.js'
import { checkTransferOptions } from './transfer-rules.js'
import { type TransferSession, withTransferSession } from './transfer-session.js'
import { upload } from './upload.js'
import { uploadTree } from './upload-tree.js'

/**
 * `remote` is a path; empty or undefined for the name of the source in the home directory. In it `{host}`, `{user}` and
 * `{port}` stand for those of the host. A file is put beside its place, under a name that nobody can guess, and then
 * renamed; a server without posix-rename@openssh.com has the old file set aside for that. A file that is alone is
 * synced to the server's disk before it is renamed, where the server can; of several files those from 1 MiB on.
 *
 * Rejects as `Connection.open` does, with SftpError, AbortError or TIMEOUT, and with what the stream or `onProgress`
 * throws. Then no temporary file is left, or the error's hint names it; files of a directory that were finished stay.
 */
export async function put(
  acquire: Acquire,
  files: { readonly local: PutSource; readonly remote: string | undefined },
  options: TransferOptions = {},
): Promise<TransferResult> {
  const begun = performance.now()
  const rules = checkTransferOptions(options)
  const remote =
    files.remote === undefined || files.remote === '' ? undefined : requirePath('remote', files.remote)
  const { local } = files
  if (typeof local === 'string') {
    const { sources, skipped } = await findLocalSources(requirePath('local', local))
    for (const source of sources) requireAllowed(source, rules.recursive)
    return await withTransferSession(acquire, { rules, options }, async (session) => {
      for (const { path, reason } of skipped) session.ledger.skip(path, reason)
      const place = await findPlace(session, remote)
      const paths = await putSources(session, sources, place)
      return transferResult(session, { begun, ...paths })
    })
  }
  const given = requireGiven(local)
  const name = findNameOf(given)
  if (remote === undefined && name === undefined) {
    const what = 'the remote path must be given: neither bytes nor a stream without a path have a name'
    throw new ConfigError('INVALID_OPTION', what, { origin: 'the remote path' })
  }
  await using content = givenContent(given)
  return await withTransferSession(acquire, { rules, options }, async (session) => {
    const path = fileAt(await findPlace(session, remote), name)
    session.ledger.totalBytes = content.size
    await upload(session, content, { path, isAlone: true })
    return transferResult(session, { begun, local: undefined, remote: path })
  })
}

interface Place {
  readonly path: string
  readonly isDirectory: boolean
}

async function findPlace(session: TransferSession, remote: string | undefined): Promise<Place> {
  const { sftp, signal, hop } = session
  if (remote === undefined) return { path: '', isDirectory: true }
  const given = await resolveRemote(sftp, fillTemplate(remote, hostValues(hop)), { signal })
  const path = withoutEndSlash(given)
  const there = await sftp.findStats(path, { signal })
  if (there?.type === 'directory') return { path, isDirectory: true }
  if (there === undefined) {
    if (!given.endsWith('/')) return { path, isDirectory: false }
    const shown = shownPath(given)
    throw new SftpError('SFTP_NO_SUCH_FILE', `there is no directory ${shown}`, { path: shown, hop })
  }
  requireReplaceableType(session, path, there.type)
  if (given.endsWith('/')) {
    const shown = shownPath(given)
    throw new SftpError('TRANSFER_FAILED', `${shown} is no directory`, { path: shown, hop })
  }
  // The file that the link leads to is replaced, not the link.
  const { type } = await sftp.lstat(path, { signal })
  return { path: type === 'symlink' ? await sftp.realpath(path, { signal }) : path, isDirectory: false }
}

function fileAt(place: Place, name: string | undefined): string {
  if (!place.isDirectory) return place.path
  if (name === '.') return place.path === '' ? '.' : place.path
  if (name !== undefined) return joinPath(place.path, entryName(name)).toString()
  const path = shownPath(place.path)
  throw new SftpError('TRANSFER_FAILED', `${path} is a directory, and what is put there has no name`, {
    path,
  })
}

function requireAllowed({ path, type }: LocalSource, recursive: boolean): void {
  if (type === 'file' || recursive) return
  const shown = shownPath(path)
  throw new SftpError('TRANSFER_FAILED', `${shown} is a directory`, {
    path: shown,
    hint: 'set recursive to copy it with all that is in it',
  })
}

/** Gives the paths for the result. */
async function putSources(
  session: TransferSession,
  sources: readonly LocalSource[],
  place: Place,
): Promise<{ readonly local: string; readonly remote: string }> {
  const { crew, ledger, signal, hop } = session
  const [first] = sources
  if (first === undefined) throw new Error('no sources')
  const isAlone = sources.length === 1
  if (!isAlone && !place.isDirectory) {
    const path = shownPath(place.path)
    throw new SftpError('TRANSFER_FAILED', `there are several files to put, and ${path} is no directory`, {
      path,
      hop,
    })
  }
  if (sources.every(({ type }) => type === 'file')) {
    ledger.totalBytes = sources.reduce((sum, { size }) => sum + size, 0)
  }
  const wanted = sources.map((source) => ({ source, from: source.path, to: fileAt(place, source.name) }))
  requireSeparatePlaces(wanted, { hop, ignoresCase: false })
  for (const { source, to: path } of wanted) {
    if (source.type === 'directory') {
      await uploadTree(session, { from: source.path, to: path, isContents: source.name === '.' })
    } else await crew.add(() => putFile(session, source.path, { path, isAlone }))
  }
  await crew.idle()
  signal.throwIfAborted()
  if (isAlone) return { local: first.path, remote: fileAt(place, first.name) }
  return { local: commonDirectory(sources), remote: place.path === '' ? '.' : place.path }
}

async function putFile(
  session: TransferSession,
  from: string,
  to: { readonly path: string; readonly isAlone: boolean },
): Promise<void> {
  const { hop } = session
  const opened = await openLocal(from, { hop, links: 'follow' })
  if ('content' in opened) return upload(session, opened.content, to)
  const path = shownPath(from)
  throw new SftpError('TRANSFER_FAILED', `${path} is a ${opened.reason}`, { path, hop })
}

/** The directory that all of them are below. */
function commonDirectory(sources: readonly LocalSource[]): string {
  const [first = [], ...more] = sources.map(({ path }) => path.split(sep).slice(0, -1))
  const isShared = (part: string, index: number): boolean => more.every((parts) => parts[index] === part)
  const end = first.findIndex((part, index) => !isShared(part, index))
  return first.slice(0, end === -1 ? undefined : end).join(sep) || sep
}
