// What a local path of a caller stands for: itself when it exists, else what matches it as a pattern.

import { lstat, readdir, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { SftpError } from '../errors.js'
import { shownPath } from './byte-path.js'
import { expandGlob, type GlobSide, isGlob } from './glob.js'
import { findSystemCode, localFailure } from './local-failure.js'

/** Something of this machine to be copied. */
export interface LocalSource {
  /** Absolute. */
  readonly path: string
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

/** Rejects with LOCAL_FILE_FAILED when there is nothing. What is neither file nor directory is TRANSFER_FAILED. */
export async function findLocalSources(local: string): Promise<readonly LocalSource[]> {
  try {
    return [await sourceAt(local)]
  } catch (error) {
    if (findSystemCode(error) !== 'ENOENT' || !isGlob(local, isWindows)) throw error
    const paths = await expandGlob(local, side)
    if (paths.length === 0) throw error
    const sources = await Promise.all(paths.map(sourceAt))
    return sources
  }
}

async function sourceAt(path: string): Promise<LocalSource> {
  const absolute = resolve(path)
  const stats = await stat(absolute).catch((error: unknown) => {
    throw localFailure(error, { path })
  })
  const plain = { path: absolute, name: basename(absolute), size: stats.size }
  if (stats.isFile()) return { ...plain, type: 'file' }
  if (stats.isDirectory()) return { ...plain, type: 'directory' }
  const shown = shownPath(path)
  throw new SftpError('TRANSFER_FAILED', `${shown} is neither a file nor a directory`, { path: shown })
}
