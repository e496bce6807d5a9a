// The configuration files as one look-up sees them: each is asked for once, so that two passes, or two Includes, cannot
// see two states.

import { ConfigError } from '../../../errors.js'
import { printable } from '../../../printable.js'
import type { Homes } from '../../home-path.js'
import type { ParsedFile } from '../parse/parsed-file.js'
import type { FileCache } from './file-cache.js'
import { glob } from './glob.js'

/** PATH_MAX of Linux. */
const longestPath = 4096

export interface Snapshot {
  /** Undefined where there is no such file. */
  find(path: string, writers: 'only me' | 'anyone'): Promise<ParsedFile | undefined>
  /** Rejects with {@link ConfigError} CONFIG_UNUSABLE where there is no such file. */
  get(path: string, writers: 'only me' | 'anyone'): Promise<ParsedFile>
  /** The files that match an absolute pattern, in their order, which nobody else may have written. */
  findAll(pattern: string): Promise<readonly ParsedFile[]>
}

export function createSnapshot(cache: FileCache, { home }: Pick<Homes, 'home'>): Snapshot {
  const files = new Map<string, Promise<ParsedFile | undefined>>()
  const groups = new Map<string, Promise<readonly ParsedFile[]>>()

  const find: Snapshot['find'] = (path, writers) =>
    remember(files, `${writers}:${path}`, () => cache.find(path, { label: abbreviated(path, home), writers }))

  async function readAll(pattern: string): Promise<readonly ParsedFile[]> {
    const found: ParsedFile[] = []
    for (const path of await glob(pattern)) {
      const file = await find(path, 'only me')
      if (file !== undefined) found.push(file)
    }
    return found
  }

  return {
    find,
    async get(path, writers) {
      const file = await find(path, writers)
      if (file !== undefined) return file
      const origin = abbreviated(path, home)
      const message = `${origin}: there is no such file`
      throw new ConfigError('CONFIG_UNUSABLE', message, { origin, phase: 'resolve' })
    },
    findAll: (pattern) => remember(groups, pattern, () => readAll(pattern)),
  }
}

function remember<T>(known: Map<string, T>, key: string, make: () => T): T {
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}

/** A path as messages name it: with `~` for the home directory, and safe to show. */
function abbreviated(path: string, home: string): string {
  const start = home.endsWith('/') ? home : `${home}/`
  return printable(path.startsWith(start) ? `~/${path.slice(start.length)}` : path, longestPath)
}
