// Where our own files are: one of the known names in a directory, or the first such file upwards from a directory.

import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { problemsError } from './problems.js'

/** What a file can end in; the kind of its content follows from it. */
export const endings = ['.ts', '.js', '.mjs', '.json', '.yaml', '.yml'] as const

/**
 * The file `stem` with one of the {@link endings}, in `directory`. Rejects with ConfigError CONFIG_UNUSABLE when there are
 * several: which of them counts should not be a matter of their endings.
 */
export async function findIn(directory: string, stem: string): Promise<string | undefined> {
  const candidates = endings.map((ending) => join(directory, `${stem}${ending}`))
  const present = await Promise.all(candidates.map(isThere))
  const [first, second] = candidates.filter((_, index) => present[index])
  if (first !== undefined && second !== undefined) {
    const problem = { origin: first, message: `there is ${second}, too: only one of them can count` }
    throw problemsError('CONFIG_UNUSABLE', [problem], { hint: 'remove one of the two' })
  }
  return first
}

/** As {@link findIn}, in `directory` or the next one upwards; one of `lasts`, or the root, ends the search. */
export async function findUpwards(
  directory: string,
  stem: string,
  lasts: readonly string[],
): Promise<string | undefined> {
  for (let at = directory; ; at = dirname(at)) {
    const found = await findIn(at, stem)
    if (found !== undefined || lasts.includes(at) || at === dirname(at)) return found
  }
}

// A directory that this user may not look into has no file for this user. What is there and cannot be read is an error
// of whoever reads it.
async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}
