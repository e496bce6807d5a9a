// The frame of the commands that connect to no host: interrupted by signals, their errors reported and turned into an
// exit code.

import { Interruption } from './interruption.js'
import { MisuseError } from './misuse.js'
import { exitCodeOf, reportError } from './report-error.js'

/** Runs `work`; resolves to its exit code, or to that of what ended it. */
export async function reportingErrors(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  using interruption = new Interruption()
  try {
    return await work(interruption.signal)
  } catch (error) {
    if (error instanceof MisuseError) throw error
    if (interruption.exitCode !== undefined) return interruption.exitCode
    reportError(error, { verbosity: 0 })
    return exitCodeOf(error)
  }
}
