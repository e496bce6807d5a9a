// What a local path of a caller stands for: itself when it exists, else what matches it as a pattern.

import { lstat, readdir, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { SftpError } from '../errors.js'
import { shownPath } from './byte-path.js'
import { kindOf } from './content.js'
import { expandGlob, type GlobSide, isGlob } from './glob.js'
import { findSystemCode, localFailure } from './local-failure.js'
import { absence, skippedHint } from './skipped-matches.js'
import type { SkippedFile } from './transfer.js'

/** Something of this machine to be copied. */
export interface LocalSource {
  /** Absolute. */
  readonly path: string
  /** `.` for a directory whose contents are meant, and not itself. */
  readonly name: string
  readonly type: 'file' | 'directory'
  readonly size: number
}

const isWindows = process.platform === 'win32'

const side: GlobSide = {
  windows: isWindows,
  list: async (path) => {
    const entries = await readdir(path === '' ? '.' : path, { withFileTypes: true }).catch(() => [])
    return entries.map((entry) => ({
      name: entry.name,
      kind: entry.isDirectory() ? 'directory' : entry.isSymbolicLink() ? 'symlink' : 'file',
    }))
  },
  exists: async (path) => (await lstat(path).catch(() => undefined)) !== undefined,
}

/** What is to be copied, and what matches the pattern and cannot be. */
export interface LocalSources {
  readonly sources: readonly LocalSource[]
  readonly skipped: readonly SkippedFile[]
}

/**
 * Rejects with LOCAL_FILE_FAILED when there is nothing. What is neither file nor directory is TRANSFER_FAILED, or left
 * out where it matches a pattern.
 */
export async function findLocalSources(local: string): Promise<LocalSources> {
  try {
    return { sources: [await sourceAt(local)], skipped: [] }
  } catch (error) {
    if (findSystemCode(error) !== 'ENOENT' || !isGlob(local, isWindows)) throw error
    const matches = await Promise.all((await expandGlob(local, side)).map(sourceOrSkipped))
    const sources = matches.filter((match) => 'name' in match)
    const skipped = matches.filter((match) => 'reason' in match)
    if (sources.length > 0) return { sources, skipped }
    if (skipped.length === 0) throw error
    const path = shownPath(local)
    const hint = skippedHint(skipped)
    throw new SftpError('LOCAL_FILE_FAILED', `there is no file ${path} on this machine`, { path, hint })
  }
}

async function sourceOrSkipped(match: string): Promise<LocalSource | SkippedFile> {
  const path = resolve(match)
  const stats = await stat(path).catch(() => undefined)
  if (stats !== undefined && !stats.isFile() && !stats.isDirectory()) return { path, reason: kindOf(stats) }
  try {
    return await sourceAt(match)
  } catch (error) {
    if (!['ENOENT', 'ELOOP'].includes(findSystemCode(error) ?? '')) throw error
    const there = await lstat(path).catch(() => undefined)
    return { path, reason: absence(match, there?.isSymbolicLink() ?? false) }
  }
}

async function sourceAt(path: string): Promise<LocalSource> {
  const absolute = resolve(path)
  const stats = await stat(absolute).catch((error: unknown) => {
    throw localFailure(error, { path })
  })
  // Of `.` and `..` it is the contents that go into a directory, as with scp.
  const last = basename(path)
  const name = last === '.' || last === '..' ? '.' : basename(absolute)
  const plain = { path: absolute, name, size: stats.size }
  if (stats.isFile()) return { ...plain, type: 'file' }
  if (stats.isDirectory()) return { ...plain, type: 'directory' }
  const shown = shownPath(path)
  throw new SftpError('TRANSFER_FAILED', `${shown} is neither a file nor a directory`, { path: shown })
}
