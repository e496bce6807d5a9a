// Downloads: what goes where, and each file whole or not at all.

import { lstat, mkdir, realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import type { Writable } from 'node:stream'
import { ConfigError, SftpError } from '../errors.js'
import type { Acquire } from '../hops/lease.js'
import { checkCount, checkNames, checkOption, checkStream } from '../option-check.js'
import { shownPath } from './byte-path.js'
import { download } from './download.js'
import { downloadTree } from './download-tree.js'
import { findIgnoresCase } from './ignores-case.js'
import { atLocal } from './local-failure.js'
import { fillTemplate, hostValues, namesEachFile } from './path-template.js'
import { findRemoteSources, type RemoteSource } from './remote-sources.js'
import { requireFile } from './replace-local.js'
import { requirePath } from './resolve-remote.js'
import { requireSeparatePlaces, type WantedPlace } from './separate-places.js'
import { downloadBytes, downloadInto } from './sinks.js'
import type { BytesResult, GetBytes, GetTarget, TransferOptions, TransferResult } from './transfer.js'
import { transferResult } from './transfer-result.js'
import { checkTransferOptions } from './transfer-rules.js'
import { type TransferSession, withTransferSession } from './transfer-session.js'

const defaultMaxBytes = 64 * 1024 * 1024

/**
 * `local` undefined stands for the name of the remote file in the working directory. The size of a file when it is
 * opened counts: what is added later is left out, and one that gets shorter, or is written to and keeps its size, is
 * FILE_CHANGED, or below a directory left out with that reason. A file is put beside its place, under a name that nobody
 * can guess, and then renamed, after it was synced to the disk where it is alone or has 1 MiB.
 *
 * Rejects as `Connection.open` does, with SftpError, AbortError or TIMEOUT, and with what the stream or `onProgress`
 * throws. Then no temporary file is left; files of a directory that were finished stay.
 */
export async function get(
  acquire: Acquire,
  files: { readonly remote: string; readonly local: GetTarget | undefined },
  options: TransferOptions = {},
): Promise<TransferResult | BytesResult> {
  const begun = performance.now()
  const rules = checkTransferOptions(options)
  const remote = requirePath('remote', files.remote)
  const target = checkTarget(files.local)
  if (typeof target === 'object' && 'write' in target) target.on('error', () => {})
  return withTransferSession(acquire, { rules, options }, async (session) => {
    const sources = await findRemoteSources(session, remote)
    if (sources.every(({ type }) => type === 'file')) {
      session.ledger.totalBytes = sources.reduce((sum, { size = 0 }) => sum + size, 0)
    }
    if (typeof target !== 'object') {
      const paths = await getSources(session, sources, target)
      return transferResult(session, { begun, ...paths })
    }
    const { path } = requireOneFile(session, sources)
    const facts = { begun, local: undefined, remote: path }
    if ('write' in target) {
      await downloadInto(session, path, target)
      return transferResult(session, facts)
    }
    const content = await downloadBytes(session, path, target.maxBytes ?? defaultMaxBytes)
    return Object.freeze({ ...transferResult(session, facts), content })
  }).catch((error: unknown) => {
    if (typeof target === 'object' && 'write' in target) target.destroy()
    throw error
  })
}

function checkTarget(target: unknown): string | Writable | GetBytes | undefined {
  if (target === undefined || target === '') return undefined
  if (typeof target === 'string') return requirePath('local', target)
  if (typeof target === 'object' && target !== null && 'as' in target) {
    checkNames(target, { as: true, maxBytes: true })
    checkOption('as', target.as === 'bytes', 'bytes')
    const maxBytes = 'maxBytes' in target ? target.maxBytes : undefined
    checkCount('maxBytes', maxBytes)
    return target as GetBytes
  }
  checkStream('target', target ?? null, 'write')
  const sink = target as Writable
  if (sink.writable === false) {
    const what = 'the stream has ended already, and takes nothing more'
    throw new ConfigError('INVALID_OPTION', what, { origin: 'the target' })
  }
  return sink
}

function requireOneFile(session: TransferSession, sources: readonly RemoteSource[]): RemoteSource {
  const { hop } = session
  const [first, second] = sources
  if (first === undefined) throw new Error('no sources')
  if (first.type === 'directory') {
    const path = shownPath(first.path)
    const what = `${path} is a directory, which is neither bytes nor a stream`
    throw new SftpError('TRANSFER_FAILED', what, { path, hop })
  }
  if (second === undefined) return first
  throw new SftpError('TRANSFER_FAILED', 'there are several files to get, and one place for them', {
    path: shownPath(second.path),
    hop,
  })
}

/** Gives the paths for the result. */
async function getSources(
  session: TransferSession,
  sources: readonly RemoteSource[],
  local: string | undefined,
): Promise<{ readonly local: string; readonly remote: string }> {
  const { crew, hop, signal, rules } = session
  const [first] = sources
  if (first === undefined) throw new Error('no sources')
  const isAlone = sources.length === 1
  // A link that one of them brings could stand on the path of the next.
  if (!isAlone && rules.symlinks === 'copy' && local?.includes('{dirname}')) {
    const path = shownPath(first.path)
    const what = 'links cannot be copied for several sources with {dirname} in the local path'
    throw new SftpError('TRANSFER_FAILED', what, { path, hop })
  }
  const wanted: (WantedPlace & { readonly source: RemoteSource })[] = []
  for (const source of sources) {
    wanted.push({ source, from: source.path, to: await placeOf(session, source, { local, isAlone }) })
  }
  const ignoresCase = !isAlone && (await findIgnoresCase(wanted[0]?.to ?? ''))
  requireSeparatePlaces(wanted, { hop, ignoresCase })
  let result: string | undefined
  for (const { source, to: place } of wanted) {
    await atLocal({ path: dirname(place), hop }, () => mkdir(dirname(place), { recursive: true }))
    result ??= isAlone ? place : dirname(place)
    if (source.type === 'directory') {
      await downloadTree(session, { from: source.path, to: place, isContents: source.name === '.' })
    } else await crew.add(() => download(session, source.path, { path: place, isAlone }))
  }
  await crew.idle()
  signal.throwIfAborted()
  const remote = isAlone ? first.path : dirname(first.path)
  return { local: result ?? resolve('.'), remote }
}

/** The absolute path of the copy. */
async function placeOf(
  { hop }: TransferSession,
  source: RemoteSource,
  wanted: { readonly local: string | undefined; readonly isAlone: boolean },
): Promise<string> {
  const { local, isAlone } = wanted
  if (local === undefined) return resolve(source.name)
  const path = fillTemplate(local, { ...hostValues(hop), ...source.values })
  const there = await stat(path).catch(() => undefined)
  const isNamed = /[/\\]$/.test(sep === '/' ? path.replaceAll('\\', '_') : path)
  if (there?.isDirectory() || isNamed) return resolve(join(path, source.name))
  if (isAlone || namesEachFile(local)) {
    if (there !== undefined && source.type === 'file') requireFile(path, there, hop)
    // The file that the link leads to is replaced, not the link.
    const isLink = there !== undefined && (await lstat(path)).isSymbolicLink()
    return isLink ? realpath(path) : resolve(path)
  }
  const shown = shownPath(path)
  throw new SftpError('TRANSFER_FAILED', `there are several files to get, and ${shown} is no directory`, {
    path: shown,
    hop,
    hint: 'end the path with a slash to have the directory made',
  })
}
