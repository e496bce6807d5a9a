// Everything that is wrong in one source -> one error.

import { ConfigError, type ConfigProblem } from '../../errors.js'

/** Nobody reads more of them; a stranger's file may have a million. */
export const mostProblems = 100

/** An error that tells the first of `problems` and how many there are, and has the first {@link mostProblems}. */
export function problemsError(
  code: 'CONFIG_INVALID' | 'CONFIG_UNUSABLE' | 'EXEC_DENIED',
  problems: readonly [ConfigProblem, ...ConfigProblem[]],
  details: { readonly hint?: string | undefined; readonly cause?: unknown } = {},
): ConfigError {
  const [first] = problems
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return new ConfigError(code, `${first.origin}: ${first.message}${more}`, {
    ...details,
    phase: 'resolve',
    origin: first.origin,
    problems: Object.freeze(problems.slice(0, mostProblems)),
  })
}

/** Throws when there is a problem. */
export function throwProblems(
  code: 'CONFIG_INVALID' | 'EXEC_DENIED',
  [first, ...others]: readonly ConfigProblem[],
  hint?: string,
): void {
  if (first !== undefined) throw problemsError(code, [first, ...others], { hint })
}
