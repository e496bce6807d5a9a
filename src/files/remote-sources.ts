// What a remote path of a caller stands for: itself when it exists, else what matches it as a pattern.

import { basename } from 'node:path/posix'
import { SftpError } from '../errors.js'
import type { FileStats } from '../sftp/sftp.js'
import { shownPath, withoutEndSlash } from './byte-path.js'
import { expandGlob, type GlobSide, isGlob } from './glob.js'
import { fileValues, type TemplateValues } from './path-template.js'
import { noFile } from './remote-content.js'
import { resolveRemote } from './resolve-remote.js'
import { requireSafeName } from './safe-name.js'
import { absence, skippedHint } from './skipped-matches.js'
import type { TransferSession } from './transfer-session.js'

/** Something of the server to be copied. */
export interface RemoteSource {
  readonly path: string
  /** The name of the copy, where it goes into a directory; safe. `.` for a directory whose contents are meant. */
  readonly name: string
  readonly type: 'file' | 'directory'
  readonly size: number | undefined
  /** For the template of the local path. */
  readonly values: TemplateValues
}

/**
 * Rejects with SFTP_NO_SUCH_FILE when there is nothing, and with TRANSFER_FAILED for a directory unless `recursive`. What
 * matches a pattern and cannot be copied is left out, and said so.
 */
export async function findRemoteSources(
  session: TransferSession,
  remote: string,
): Promise<readonly RemoteSource[]> {
  const { sftp } = session
  const path = withoutEndSlash(await resolveRemote(sftp, remote, { signal: session.signal }))
  const one = await findSource(session, path)
  // Of `.` and `..` it is the contents that go into a directory, as with scp.
  if (one !== undefined) return [/(?:^|\/)\.{1,2}\/*$/.test(remote) ? { ...one, name: '.' } : one]
  const sources: RemoteSource[] = []
  if (isGlob(path, false)) {
    for (const match of await expandGlob(path, sideOf(session))) {
      const source = await sourceOrReason(session, match)
      if (typeof source !== 'string') sources.push(source)
      else session.ledger.skip(match, source)
    }
  }
  if (sources.length > 0) return sources
  const shown = shownPath(remote)
  throw new SftpError('SFTP_NO_SUCH_FILE', `there is no file ${shown}`, {
    path: shown,
    hop: session.hop,
    hint: skippedHint(session.ledger.skipped),
  })
}

/** The one match of a pattern, or why it is none to be copied. */
async function sourceOrReason(session: TransferSession, match: string): Promise<RemoteSource | string> {
  const { sftp, signal } = session
  const stats = await sftp.findStats(match, { signal })
  if (stats !== undefined) {
    const isCopied = ['file', 'directory', 'unknown'].includes(stats.type)
    return isCopied ? sourceOf(session, match, stats) : stats.type
  }
  const there = await sftp.lstat(match, { signal }).catch(ignoreRefusal)
  return absence(match, there?.type === 'symlink')
}

async function findSource(session: TransferSession, path: string): Promise<RemoteSource | undefined> {
  const stats = await session.sftp.findStats(path, { signal: session.signal })
  return stats && sourceOf(session, path, stats)
}

async function sourceOf(
  { sftp, signal, hop, rules }: TransferSession,
  path: string,
  { type, size }: FileStats,
): Promise<RemoteSource> {
  if (type === 'directory' ? !rules.recursive : type !== 'file' && type !== 'unknown')
    throw noFile(path, type, hop)
  const full = /(?:^|\/)\.{0,2}$/.test(path) ? await sftp.realpath(path, { signal }) : path
  const name = basename(full)
  requireSafeName(name === '' ? '/' : name)
  const kind = type === 'directory' ? 'directory' : 'file'
  return { path, name, type: kind, size, values: fileValues(full) }
}

function sideOf({ sftp, signal }: TransferSession): GlobSide {
  return {
    windows: false,
    exists: async (path) => (await sftp.lstat(path, { signal }).catch(ignoreRefusal)) !== undefined,
    list: async (path) => {
      const entries = await sftp.readdir(path === '' ? '.' : path, { signal }).catch(ignoreRefusal)
      return (entries ?? []).map(({ name, stats: { type } }) => ({
        name,
        kind: type === 'directory' ? 'directory' : type === 'file' ? 'file' : 'symlink',
      }))
    },
  }
}

/** What cannot be listed has no matches. */
function ignoreRefusal(error: unknown): undefined {
  if (error instanceof SftpError) return undefined
  throw error
}
