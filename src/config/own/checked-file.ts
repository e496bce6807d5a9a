// One file of ours, read and checked; read again only when it has changed. Who may have written it is checked before
// anything in it counts, and before it is run.

import type { BigIntStats } from 'node:fs'
import { findFile, findStats, isSameContent, requireOwn } from '../ssh-config/files/read-file.js'
import type { CheckedConfig, ConfigPlace } from './checked-config.js'
import { inertCopy } from './inert-copy.js'
import { isCode, parseData, runCode } from './load-data.js'
import { problemsError } from './problems.js'

/**
 * Who may have written a file: this user and root alone; also the group of an own file, as in a directory that people
 * share; or anyone, because the user named the file.
 */
export type Writers = 'only me' | 'me and my group' | 'anyone'

interface Entry {
  readonly stats: BigIntStats
  readonly config: CheckedConfig
}

const entries = new Map<string, Entry>()

/** More files than a program has; the oldest goes first. */
const capacity = 100

/** The clock of a file system may stand still this long, so that a change within it shows nowhere. */
const clockGrainMs = 20

/** Reads and checks the file. Rejects with ConfigError CONFIG_UNUSABLE or CONFIG_INVALID. */
export async function readCheckedFile(
  path: string,
  place: ConfigPlace & { readonly writers: Writers },
): Promise<CheckedConfig> {
  const { file, writers } = place
  const stats = await findStats(path, file)
  if (stats === undefined) throw unusable(file, 'there is no such file')
  requireWriters(stats, writers, file)
  const key = [path, file, place.source, place.home].join('\0')
  const known = entries.get(key)
  if (known !== undefined && isSameContent(known.stats, stats)) return known.config
  const startMs = Date.now()
  const entry = await read(path, place)
  if (startMs - Number(entry.stats.ctimeMs) > clockGrainMs) keep(key, entry)
  return entry.config
}

async function read(path: string, place: ConfigPlace & { readonly writers: Writers }): Promise<Entry> {
  const { file } = place
  const found = await findFile(path, file)
  if (found === undefined) throw unusable(file, 'there is no such file')
  const { stats, text } = found
  if (!stats.isFile()) throw unusable(file, 'is not a regular file')
  requireWriters(stats, place.writers, file)
  const data = isCode(path)
    ? await runCode(path, [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join('-'), file)
    : await parseData(text, path, file)
  const { checkConfig } = await import('./schema.js')
  return { stats, config: checkConfig(inertCopy(data), place) }
}

function keep(key: string, entry: Entry): void {
  entries.delete(key)
  entries.set(key, entry)
  const oldest = entries.keys().next()
  if (entries.size > capacity && oldest.done !== true) entries.delete(oldest.value)
}

function requireWriters(stats: BigIntStats, writers: Writers, file: string): void {
  if (writers === 'only me') requireOwn(stats, file)
  if (writers !== 'me and my group') return
  const me = process.getuid?.()
  if (me === undefined) return
  const isMine = stats.uid === 0n || stats.uid === BigInt(me)
  if (isMine && (stats.mode & 0o002n) === 0n) return
  throw unusable(
    file,
    isMine ? 'can be written by anyone' : 'belongs to another user',
    'name it with config (--config) if it is meant, or switch it off with config: false',
  )
}

function unusable(file: string, message: string, hint?: string): Error {
  return problemsError('CONFIG_UNUSABLE', [{ origin: file, message }], { hint })
}
