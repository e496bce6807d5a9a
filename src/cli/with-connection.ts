// The frame of every command that uses a connection: what is told meanwhile, how it is
// interrupted, and its end: closed, reported, and turned into an exit code.

import { Connection } from '../index.js'
import type { Invocation } from './command-line.js'
import { checkForwards } from './forward-flags.js'
import { Interruption } from './interruption.js'
import { MisuseError } from './misuse.js'
import { readRequest, verbosityOf } from './options.js'
import { exitCodeOf, reportError } from './report-error.js'
import { tell } from './verbose.js'

/** What the work of a command has to do with its frame. */
export interface Frame {
  readonly interruption: Interruption
  /** Warnings that the command has told by itself; they are not told again. */
  readonly told: Set<string>
}

/** Runs `work` on the connection that the command line asks for. Resolves to the exit code when all is closed. */
export async function withConnection(
  invocation: Invocation,
  work: (connection: Connection, frame: Frame) => Promise<number>,
): Promise<number> {
  const verbosity = verbosityOf(invocation)
  const told = new Set<string>()
  const stopTelling = tell(verbosity, { except: told })
  using interruption = new Interruption()
  try {
    await checkForwards(invocation)
    const { destination, options } = readRequest(invocation)
    const connection = new Connection(destination, options)
    try {
      const exitCode = await work(connection, { interruption, told })
      return interruption.exitCode ?? exitCode
    } finally {
      await connection.close()
    }
  } catch (error) {
    if (error instanceof MisuseError) throw error
    if (interruption.exitCode !== undefined) return interruption.exitCode
    reportError(error, { verbosity })
    return exitCodeOf(error)
  } finally {
    stopTelling()
  }
}
