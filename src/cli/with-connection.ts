// The frame of every command that uses a connection: what is told meanwhile, how it is
// interrupted, and its end: closed, reported, and turned into an exit code.

import { Connection } from '../index.js'
import type { Invocation } from './command-line.js'
import { Interruption } from './interruption.js'
import { MisuseError } from './misuse.js'
import { readRequest, verbosityOf } from './options.js'
import { exitCodeOf, reportError } from './report-error.js'
import { tell } from './verbose.js'

/** Runs `work` on the connection that the command line asks for. Resolves to the exit code when all is closed. */
export async function withConnection(
  invocation: Invocation,
  work: (connection: Connection, interruption: Interruption) => Promise<number>,
): Promise<number> {
  const verbosity = verbosityOf(invocation)
  const stopTelling = tell(verbosity)
  using interruption = new Interruption()
  try {
    const { destination, options } = readRequest(invocation)
    const connection = new Connection(destination, options)
    try {
      const exitCode = await work(connection, interruption)
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
