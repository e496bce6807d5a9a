// What was found while files are evaluated: mistakes, each told once, and remarks. Lives for one look-up.

import { ConfigError, type ConfigProblem } from '../../../errors.js'

/** Nobody reads more of them; a file that is no configuration at all may have a million. */
const mostProblems = 1000

export interface Findings {
  readonly add: (problem: ConfigProblem) => void
  readonly warn: (warning: string) => void
  /** Throws {@link ConfigError} CONFIG_INVALID when problems were added and are not to be warnings. */
  throwAny(): void
  warnings(): readonly string[]
}

/** With `warn`, mistakes are warnings like the others. */
export function createFindings(onProblem: 'throw' | 'warn'): Findings {
  const problems = new Map<string, ConfigProblem>()
  const warnings = new Set<string>()
  const lineOf = ({ origin, message }: ConfigProblem) => `${origin}: ${message}`
  return {
    add(problem) {
      if (problems.size < mostProblems) problems.set(lineOf(problem), problem)
    },
    warn(warning) {
      warnings.add(warning)
    },
    throwAny() {
      const [first] = problems
      if (first === undefined || onProblem === 'warn') return
      const [message, { origin }] = first
      const more = problems.size > 1 ? `, and ${problems.size - 1} more` : ''
      throw new ConfigError('CONFIG_INVALID', `${message}${more}`, {
        origin,
        phase: 'resolve',
        problems: Object.freeze([...problems.values()]),
      })
    },
    warnings: () => Object.freeze([...problems.keys(), ...warnings]),
  }
}
