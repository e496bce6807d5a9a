// One word of an Include line -> the files that it names: tokens and variables expanded, relative names completed by
// where the including file belongs, wildcards matched. Which files there are is the snapshot's to say.

import { ConfigError, type ConfigProblem } from '../../../errors.js'
import { printable } from '../../../printable.js'
import { type Env, expandUserPath, type Homes } from '../../home-path.js'
import type { IncludeFrom } from '../evaluate/evaluate.js'
import type { ParsedFile } from '../parse/parsed-file.js'
import { expandTokens, type TokenValues } from '../tokens/tokens.js'
import type { Snapshot } from './snapshot.js'

export interface IncludeContext {
  /** `refuse` makes each word a mistake. */
  readonly policy: 'read' | 'refuse'
  readonly snapshot: Snapshot
  readonly homes: Homes
  readonly env: Env
  /** `/etc/ssh` */
  readonly systemDirectory: string
  readonly tokens: () => TokenValues
  readonly onProblem: (problem: ConfigProblem) => void
}

/** The files in their order; none where none matches. Rejects with ConfigError for a file that cannot be used. */
export async function findIncluded(
  word: string,
  { location, origin }: IncludeFrom,
  context: IncludeContext,
): Promise<readonly ParsedFile[]> {
  const { policy, snapshot, homes, systemDirectory, onProblem } = context
  if (policy === 'refuse') {
    onProblem({ origin, message: 'Include would read files, which is not allowed here' })
    return []
  }
  const path = expand(word, origin, context)
  if (path === undefined) return []
  if (path.startsWith('~') && location === 'system') {
    onProblem({ origin, message: `bad include path "${printable(path)}"` })
    return []
  }
  const anchor = location === 'user' ? '~/.ssh' : systemDirectory
  const anchored = /^[~/]/.test(path) ? path : `${anchor}/${path}`
  // As for a shell, the name of a user who is not known stays as it is, and matches nothing.
  const absolute = expandUserPath(anchored, homes)
  return absolute === undefined ? [] : snapshot.findAll(absolute)
}

function expand(word: string, origin: string, context: IncludeContext): string | undefined {
  if (!/[%$]/.test(word)) return word
  try {
    return expandTokens(word, { keyword: 'Include', values: context.tokens(), env: context.env, origin })
  } catch (error) {
    if (!(error instanceof ConfigError) || error.problems.length === 0) throw error
    error.problems.forEach(context.onProblem)
    return undefined
  }
}
