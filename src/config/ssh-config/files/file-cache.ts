// Parsed files by name, parsed again only when the file has changed, or a variable that it names: thousands of look-ups
// cost one parse. Who asks is answered with what the file held at the time of the question or later, never with less.

import type { BigIntStats } from 'node:fs'
import type { Env } from '../../home-path.js'
import { parseFile } from '../parse/parse.js'
import type { ParsedFile } from '../parse/parsed-file.js'
import { findFile, findStats, isSameContent, requireOwn } from './read-file.js'

/** How many files are kept; the one that was read first goes first. */
const capacity = 4096

/** The clock of a file system may stand still this long, and a change within it shows nowhere. */
const clockGrainMs = 20

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

interface Reading {
  /** When it began, in the cache's own count. */
  readonly begun: number
  readonly found: Promise<Found | undefined>
}

interface Found {
  readonly stats: BigIntStats
  readonly file: ParsedFile
  /** The variables that the parser asked for, as they were. */
  readonly variables: ReadonlyMap<string, string | undefined>
  /** Whether any later change of the file shows in its status. */
  readonly isSettled: boolean
}

/** A cache for files whose labels are always the same for the same path. `env` is for what is parsed. */
export function createFileCache(env: Env): FileCache {
  const readings = new Map<string, Reading>()
  let moment = 0

  function read(path: string, label: string): Reading {
    moment += 1
    const reading = { begun: moment, found: parseFound(path, { label, env }) }
    readings.delete(path)
    readings.set(path, reading)
    const oldest = readings.keys().next()
    if (readings.size > capacity && oldest.done !== true) readings.delete(oldest.value)
    return reading
  }

  return {
    async find(path, { label, writers }) {
      moment += 1
      const asked = moment
      const stats = await findStats(path, label)
      if (stats === undefined) return undefined
      for (;;) {
        const held = readings.get(path)
        const isNew = held !== undefined && held.begun > asked
        const found = await (isNew ? held.found : held?.found.catch(() => undefined))
        if (isNew || (found !== undefined && isCurrent(found, stats, env))) {
          if (found !== undefined && writers === 'only me') requireOwn(found.stats, label)
          return found?.file
        }
        // Another look-up may have begun to read it in the meantime.
        if (readings.get(path) === held) read(path, label)
      }
    },
  }
}

async function parseFound(
  path: string,
  { label, env }: { readonly label: string; readonly env: Env },
): Promise<Found | undefined> {
  const startMs = Date.now()
  const found = await findFile(path, label)
  if (found === undefined) return undefined
  const isSettled = startMs - Number(found.stats.ctimeMs) > clockGrainMs
  const variables = new Map<string, string | undefined>()
  const file = parseFile(found.text, label, watched(env, variables))
  return { stats: found.stats, file, variables, isSettled }
}

/** Whether parsing the file now would give the same. */
function isCurrent({ stats, variables, isSettled }: Found, now: BigIntStats, env: Env): boolean {
  const isSame = ([name, value]: readonly [string, string | undefined]) => env[name] === value
  return isSettled && isSameContent(stats, now) && [...variables].every(isSame)
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
