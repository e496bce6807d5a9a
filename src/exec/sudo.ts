// A command as another user, by sudo(8). What is sent is sudo-command.ts, what is said then sudo-dialogue.ts, and what
// it means when sudo does not run the command sudo-refusal.ts.

import type { HopRef } from '../errors.js'
import type { Acquire } from '../hops/lease.js'
import { checkOption } from '../option-check.js'
import { type Command, formatCommand } from './command.js'
import { commandRequest } from './command-request.js'
import { onHop } from './run.js'
import {
  type CommandResult,
  checkRunOptions,
  type RunBufferOptions,
  type RunOptions,
  runOptionNames,
} from './run-options.js'
import { runProcess } from './run-process.js'
import { sudoCommand } from './sudo-command.js'
import { SudoDialogue } from './sudo-dialogue.js'
import { checkPassword } from './sudo-password.js'
import { findSudoRefusal } from './sudo-refusal.js'

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

/**
 * Runs a command by sudo(8), in a home directory of the other user's own. A list is the program that sudo runs; text
 * runs as a whole by `sh -c`. So does a list with `cwd` or `env`, and one with both `password` and `input`, which sudo
 * must not mix up: sudoers has to allow `sh` for these.
 *
 * Rejects as `run` does, and with CommandError SUDO_PASSWORD_REFUSED as soon as sudo asks a second time,
 * SUDO_PASSWORD_NEEDED when it asks and there is no password, and SUDO_REFUSED, with sudo's own line, when it does not
 * run the command for another reason. The error of a function that gives the password passes as it is.
 *
 * When the call is stopped, sudo is sent TERM, which it passes on to the command, and the channel is closed. sshd sends no
 * signals for logins of root; on a terminal (`pty`) the command is hung up as well. One that ignores both goes on.
 */
export async function sudo(
  acquire: Acquire,
  command: Command,
  options: SudoOptions | SudoBufferOptions = {},
): Promise<CommandResult | CommandResult<Buffer>> {
  const text = formatCommand(command)
  const checked = checkSudoOptions(options)
  const { user, group: _, password, preserveEnv: __, ...own } = options
  const sent = sudoCommand(command, options as SudoOptions)
  let dialogue: SudoDialogue | undefined
  return runProcess(
    {
      text,
      open: onHop(acquire, commandRequest(sent.sent, options.pty)),
      wrap: (process, scene) => {
        dialogue = new SudoDialogue({
          command: sent,
          givePassword: () => {
            if (typeof password !== 'function' || scene.hop === undefined) return password as string
            return password({ hop: scene.hop, user: user ?? 'root' })
          },
        })
        return dialogue.wrap(process, scene)
      },
      findRefusal: (outcome) => dialogue && findSudoRefusal(outcome, dialogue),
    },
    own as RunOptions,
    checked,
  )
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
