// A command on this machine, with the options and the result of a remote one.

import type { Command } from './command.js'
import type { CommandResult, RunOptions } from './run-options.js'

export type LocalOptions = Omit<RunOptions, 'pty' | 'encoding'>

/** Runs a command here: a list without a shell, text by `/bin/sh -c`. Rejects as `Connection.run` does; `host` is `localhost`. */
export async function local(_command: Command, _options: LocalOptions = {}): Promise<CommandResult> {
  throw new Error('not there yet')
}
