// A command as another user, by sudo(8).

import type { HopRef } from '../errors.js'
import type { Acquire } from '../hops/lease.js'
import type { Command } from './command.js'
import type { CommandResult, RunBufferOptions, RunOptions } from './run-options.js'

/** What a function that gives a password is told. */
export interface SudoQuestion {
  readonly hop: HopRef
  /** The user that the command is to run as. */
  readonly user: string
}

export interface SudoOptions extends RunOptions {
  /** Run as this user. Default root. */
  readonly user?: string | undefined
  /** Run with this group. */
  readonly group?: string | undefined
  /** The password that sudo asks for. A function is called only when it asks. Default none: then sudo may not ask. */
  readonly password?: string | ((question: SudoQuestion) => string | Promise<string>) | undefined
  /** The variables of the session to keep, as far as sudoers allows. */
  readonly preserveEnv?: readonly string[] | undefined
}

/** As {@link SudoOptions}, for a result whose stdout and stderr are bytes. */
export interface SudoBufferOptions
  extends Omit<SudoOptions, 'encoding'>,
    Pick<RunBufferOptions, 'encoding'> {}

export async function sudo(
  _acquire: Acquire,
  _command: Command,
  _options: SudoOptions | SudoBufferOptions = {},
): Promise<CommandResult | CommandResult<Buffer>> {
  throw new Error('not there yet')
}
