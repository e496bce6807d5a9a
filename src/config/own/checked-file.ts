// One file of ours, read and checked; read again only when it has changed, and once for all who ask at the same time. Who
// may have written it is checked before anything in it counts, and before it is run.

import type { BigIntStats } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createReadings } from '../readings.js'
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
  /** Whether any later change of the file shows in its status. */
  readonly isSettled: boolean
}

/** More files than a program has. */
const readings = createReadings<BigIntStats, Entry>(100)

/** Reads and checks the file, as it is at the time of the call or later. Rejects with ConfigError CONFIG_UNUSABLE or CONFIG_INVALID. */
export async function readCheckedFile(
  path: string,
  place: ConfigPlace & { readonly writers: Writers },
): Promise<CheckedConfig> {
  const { file, writers } = place
  const entry = await readings.find([path, file, writers, place.source, place.home].join('\0'), {
    look: async () => {
      const stats = await findStats(path, file)
      if (stats !== undefined) requireWriters(stats, writers, file)
      return stats
    },
    read: () => read(path, place),
    isCurrent: ({ stats, isSettled }, now) => isSettled && isSameContent(stats, now),
  })
  if (entry === undefined) throw unusable(file, 'there is no such file')
  return entry.config
}

async function read(path: string, place: ConfigPlace & { readonly writers: Writers }): Promise<Entry> {
  const { file } = place
  const found = await findFile(path, file)
  if (found === undefined) throw unusable(file, 'there is no such file')
  const { stats, text, isSettled } = found
  if (!stats.isFile()) throw unusable(file, 'is not a regular file')
  requireWriters(stats, place.writers, file)
  if (isCode(path)) await requireDirectories(path, place)
  const data = isCode(path)
    ? await runCode(path, [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join('-'), file)
    : await parseData(text, path, file)
  const { checkConfig } = await import('./schema.js')
  return { stats, config: checkConfig(inertCopy(data), place), isSettled }
}

// A program is run by its name, after it was looked at: who can put another file in its place decides what runs. In a
// directory with the sticky bit, as /tmp, nobody can do that to files of others.
async function requireDirectories(
  path: string,
  { file, writers }: { readonly file: string; readonly writers: Writers },
): Promise<void> {
  const me = process.getuid?.()
  if (writers === 'anyone' || me === undefined) return
  const others = writers === 'only me' ? 0o022n : 0o002n
  for (const directory of new Set([dirname(path), dirname(await realpath(path))])) {
    const stats = await findStats(directory, file)
    if (stats === undefined) continue
    const isForeign = stats.uid !== 0n && stats.uid !== BigInt(me)
    const isOpen = (stats.mode & others) !== 0n && (stats.mode & 0o1000n) === 0n
    if (isForeign || isOpen) {
      throw unusable(file, 'is a program in a directory that others can write', 'chmod go-w its directory')
    }
  }
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
