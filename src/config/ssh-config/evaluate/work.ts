// How much one pass over the files may do, and how it lets others run meanwhile: a few lines can include a large file ten
// thousand times, and files that were parsed before are evaluated without ever waiting.

import { setImmediate as turn } from 'node:timers/promises'
import { abortError } from '../../../aborted.js'
import { ConfigError } from '../../../errors.js'

/** OpenSSH has no limit. Large configurations of people need some ten thousand. */
const mostSteps = 2_000_000

/** Some milliseconds. */
const stepsPerTurn = 10_000

/** The work of one pass. */
export interface Work {
  /**
   * Counts steps before they are done: lines, and patterns that are compared. Now and then it gives a promise to wait for,
   * which rejects with AbortError when the look-up was aborted. Throws {@link ConfigError} CONFIG_INVALID for too many.
   */
  spend(steps: number, origin: string): Promise<void> | undefined
}

export function createWork(signal: AbortSignal | undefined): Work {
  let done = 0
  let nextTurn = stepsPerTurn
  const rest = async (): Promise<void> => {
    await turn()
    if (signal?.aborted === true) throw abortError(signal.reason, { phase: 'resolve' })
  }
  return {
    spend(steps, origin) {
      done += steps
      if (done > mostSteps) throw tooMuch(origin)
      if (done < nextTurn) return undefined
      nextTurn = done + stepsPerTurn
      return rest()
    },
  }
}

function tooMuch(origin: string): ConfigError {
  const message = `more than ${mostSteps} lines and patterns have to be looked at`
  return new ConfigError('CONFIG_INVALID', `${origin}: ${message}`, {
    origin,
    phase: 'resolve',
    problems: [{ origin, message }],
    hint: 'look for a large file that is included again and again',
  })
}
