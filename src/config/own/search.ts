// Where our own files are: one of the known names in a directory, or the first such file upwards from a directory. What is
// in a directory is remembered for as long as the directory stays the same: thousands of look-ups begin in the same place.

import type { BigIntStats } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { printable } from '../../printable.js'
import { isSameContent } from '../ssh-config/files/read-file.js'
import { problemsError } from './problems.js'

/** What a file can end in; the kind of its content follows from it. */
export const endings = ['.ts', '.js', '.mjs', '.json', '.yaml', '.yml'] as const

/**
 * The file `stem` with one of the {@link endings}, in `directory`. Rejects with ConfigError CONFIG_UNUSABLE when there are
 * several: which of them counts should not be a matter of their endings.
 */
export async function findIn(directory: string, stem: string): Promise<string | undefined> {
  return onlyOne(await candidatesIn(directory, stem))
}

/**
 * As {@link findIn}, in `directory` or the next one upwards; one of `lasts`, or the root, ends the search. What others have
 * put into a directory that everyone can write, such as /tmp, is passed over.
 */
export async function findUpwards(
  directory: string,
  stem: string,
  lasts: readonly string[],
): Promise<string | undefined> {
  const path = pathUpwards(directory, lasts)
  const all = await Promise.all(path.map((at) => candidatesIn(at, stem)))
  return onlyOne(all.find((candidates) => candidates.length > 0) ?? [])
}

function pathUpwards(directory: string, lasts: readonly string[]): readonly string[] {
  const above = dirname(directory)
  if (lasts.includes(directory) || above === directory) return [directory]
  return [directory, ...pathUpwards(above, lasts)]
}

function onlyOne([first, second]: readonly string[]): string | undefined {
  if (first !== undefined && second !== undefined) {
    const message = `there is ${printable(second)}, too: only one of them can count`
    const problem = { origin: printable(first), message }
    throw problemsError('CONFIG_UNUSABLE', [problem], { hint: 'remove one of the two' })
  }
  return first
}

async function candidatesIn(directory: string, stem: string): Promise<readonly string[]> {
  const present = await Promise.all((await entriesIn(directory, stem)).map(isThere))
  return present.filter((path) => path !== undefined)
}

interface Listing {
  readonly stats: BigIntStats
  readonly entries: readonly string[]
}

const listings = new Map<string, Listing>()

/** More directories than a program asks about; the oldest goes first. */
const capacity = 1000

/** The clock of a file system may stand still this long, so that a change within it shows nowhere. */
const clockGrainMs = 20

/** The entries of a directory that have one of the names; links may lead nowhere. */
async function entriesIn(directory: string, stem: string): Promise<readonly string[]> {
  const key = join(directory, stem)
  const startMs = Date.now()
  const stats = await findStatus(stat, directory)
  if (stats === undefined) return []
  const known = listings.get(key)
  if (known !== undefined && isSameContent(known.stats, stats)) return known.entries
  const names = endings.map((ending) => `${key}${ending}`)
  const found = await Promise.all(names.map((name) => findStatus(lstat, name)))
  const isOpen = (stats.mode & 0o002n) !== 0n
  const entries = names.filter((_, index) => {
    const entry = found[index]
    return entry !== undefined && !(isOpen && isStrangers(entry))
  })
  listings.delete(key)
  // An entry may change hands, and the directory stays the same.
  if (!isOpen && startMs - Number(stats.ctimeMs) > clockGrainMs) listings.set(key, { stats, entries })
  const oldest = listings.keys().next()
  if (listings.size > capacity && oldest.done !== true) listings.delete(oldest.value)
  return entries
}

function isStrangers({ uid }: BigIntStats): boolean {
  const me = process.getuid?.()
  return me !== undefined && uid !== 0n && uid !== BigInt(me)
}

async function isThere(path: string): Promise<string | undefined> {
  return (await findStatus(stat, path)) === undefined ? undefined : path
}

// A directory that this user may not look into has no file for this user. What is there and cannot be read is an error
// of whoever reads it.
async function findStatus(ask: typeof stat, path: string): Promise<BigIntStats | undefined> {
  try {
    return await ask(path, { bigint: true })
  } catch {
    return undefined
  }
}
