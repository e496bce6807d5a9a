// The frame of every command that uses a connection: the terminal's defaults, what is told meanwhile, how it is
// interrupted, and its end: closed, reported, and turned into an exit code.

import type { Connection, SettingOptions } from '../index.js'
import { askTerminal, hasTerminal } from './ask-terminal.js'
import type { Invocation } from './command-line.js'
import { Interruption } from './interruption.js'
import { MisuseError } from './misuse.js'
import { makeConnection, verbosityOf } from './options.js'
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
    const connection = makeConnection(invocation, { defaults: terminalDefaults() })
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

// With a person at hand, every hop may ask; without one, unknown host keys are refused.
function terminalDefaults(): SettingOptions {
  if (!hasTerminal()) return {}
  return { ask: askTerminal, strictHostKeyChecking: process.stderr.isTTY ? 'ask' : undefined }
}
