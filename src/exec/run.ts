// Runs a command on a hop to its end and gives its output. How, is run-process.ts.

import type { Acquire } from '../hops/lease.js'
import { type Command, formatCommand } from './command.js'
import { commandRequest, type MakeRequest } from './command-request.js'
import { type CommandResult, checkRunOptions, type RunBufferOptions, type RunOptions } from './run-options.js'
import { type Errand, runProcess } from './run-process.js'
import { startProcess } from './start-process.js'
import { surround } from './surroundings.js'

export type { CommandResult, RunBufferOptions, RunOptions }

/**
 * Runs a command and resolves with its result once it has ended and all its output is here.
 *
 * Rejects with CommandError when the command fails (COMMAND_FAILED), takes too long (COMMAND_TIMEOUT), writes too
 * much (OUTPUT_LIMIT), does not accept a response (RESPONSE_REFUSED), or is cut off with its connection
 * (CONNECTION_LOST, CLOSED; `hop` is the one that was lost): the output so far is in the error. Rejects with
 * AbortError when aborted, like `Connection.open` when the hop cannot be opened, with ConfigError where the host has a
 * `remoteCommand`, and with the caller's own error when an input, a stream or a function of the caller's fails.
 */
export function run(
  acquire: Acquire,
  command: Command,
  options: RunBufferOptions,
): Promise<CommandResult<Buffer>>
export function run(acquire: Acquire, command: Command, options?: RunOptions): Promise<CommandResult>
export async function run(
  acquire: Acquire,
  command: Command,
  options: RunOptions | RunBufferOptions = {},
): Promise<CommandResult | CommandResult<Buffer>> {
  const text = formatCommand(command)
  const checked = checkRunOptions(options)
  const open = onHop(acquire, commandRequest(surround(text, options), options.pty))
  return runProcess({ text, open }, options, checked)
}

/** Opens the hop, and starts there what is requested. */
export function onHop(acquire: Acquire, makeRequest: MakeRequest): Errand['open'] {
  return async (stop) => {
    const lease = await stop.acquire(acquire, { check: makeRequest })
    const { hop } = lease
    return {
      host: hop.host,
      hop,
      start: (wrap) => startProcess(lease, makeRequest, { kind: 'command', stop, wrap }),
    }
  }
}
