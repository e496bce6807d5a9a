// What `sudo` accepts beside the options of `run`.

import type { HopRef } from '../errors.js'
import { checkOption } from '../option-check.js'
import { checkRunOptions, type RunBufferOptions, type RunOptions, runOptionNames } from './run-options.js'
import { checkPassword } from './sudo-password.js'

/** What a function that gives a password is told. */
export interface SudoQuestion {
  readonly hop: HopRef
  /** The user that the command is to run as. */
  readonly user: string
}

/** `cwd` and `env` are for the other user's command; `env` is seen in the list of processes, and in sudo's log. */
export interface SudoOptions extends RunOptions {
  /** Run as this user: a name, or `#` and a number. Default root. */
  readonly user?: string | undefined
  /** Run with this group: a name, or `#` and a number. */
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

const names: Readonly<Record<keyof SudoOptions, true>> = {
  ...runOptionNames,
  user: true,
  group: true,
  password: true,
  preserveEnv: true,
}

/** Fills in the defaults of `run`. Throws TypeError for values of the wrong type, and for options that there are not. */
export function checkSudoOptions(
  options: SudoOptions | SudoBufferOptions,
): ReturnType<typeof checkRunOptions> {
  const { user, group, password, preserveEnv } = options
  const checked = checkRunOptions(options as RunOptions, names)
  checkAccount('user', user)
  checkAccount('group', group)
  if (password !== undefined && typeof password !== 'function') checkPassword(password)
  checkOption(
    'preserveEnv',
    preserveEnv === undefined || (Array.isArray(preserveEnv) && preserveEnv.every(isVariable)),
    'a list of names of variables',
  )
  return checked
}

/** Nothing that sudo could take for an option, or a log for another line. */
function checkAccount(option: 'user' | 'group', name: unknown): void {
  const holds = typeof name === 'string' && /^[^-\s\p{Cc}][^\p{Cc}]*$/u.test(name)
  checkOption(
    option,
    name === undefined || holds,
    'a name without control characters that does not begin with -',
  )
}

function isVariable(name: unknown): boolean {
  return typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
}
