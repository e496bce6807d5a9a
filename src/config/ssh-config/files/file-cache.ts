// Parsed files by name, parsed again only when the file has changed, or a variable that it names: thousands of look-ups
// cost one parse. Who asks is answered with what the file held at the time of the question or later, never with less.

import type { Env } from '../../home-path.js'
import { createReadings } from '../../readings.js'
import { parseFile } from '../parse/parse.js'
import type { ParsedFile } from '../parse/parsed-file.js'
import { findFile, findStats, isSameContent, type ReadFile, requireOwn } from './read-file.js'

/** How many files are kept. */
const capacity = 4096

export interface FileCache {
  /**
   * The file parsed, undefined where there is none. Rejects with ConfigError CONFIG_UNUSABLE. `label` names the file in
   * origins and messages; `writers: 'only me'` refuses a file that others may have written.
   */
  find(path: string, options: FindOptions): Promise<ParsedFile | undefined>
}

export interface FindOptions {
  readonly label: string
  readonly writers: 'only me' | 'anyone'
}

interface Found {
  readonly read: ReadFile
  readonly file: ParsedFile
  /** The variables that the parser asked for, as they were. */
  readonly variables: ReadonlyMap<string, string | undefined>
}

/** A cache for files whose labels are always the same for the same path. `env` is for what is parsed. */
export function createFileCache(env: Env): FileCache {
  const readings = createReadings<ReadFile['stats'], Found>(capacity)
  return {
    async find(path, { label, writers }) {
      const found = await readings.find(path, {
        look: () => findStats(path, label),
        read: () => parseFound(path, { label, env }),
        isCurrent: (kept, now) => isCurrent(kept, now, env),
      })
      if (found !== undefined && writers === 'only me') requireOwn(found.read.stats, label)
      return found?.file
    },
  }
}

async function parseFound(
  path: string,
  { label, env }: { readonly label: string; readonly env: Env },
): Promise<Found | undefined> {
  const read = await findFile(path, label)
  if (read === undefined) return undefined
  const variables = new Map<string, string | undefined>()
  const file = parseFile(read.text, label, watched(env, variables))
  return { read, file, variables }
}

/** Whether parsing the file now would give the same. */
function isCurrent({ read, variables }: Found, now: ReadFile['stats'], env: Env): boolean {
  const isSame = ([name, value]: readonly [string, string | undefined]) => env[name] === value
  return read.isSettled && isSameContent(read.stats, now) && [...variables].every(isSame)
}

/** `env`, which notes in `asked` what is looked for in it. */
function watched(env: Env, asked: Map<string, string | undefined>): Env {
  return new Proxy(env, {
    getOwnPropertyDescriptor(target, name) {
      if (typeof name === 'string') asked.set(name, target[name])
      return Reflect.getOwnPropertyDescriptor(target, name)
    },
  })
}
