// A command as another user, by sudo(8). What is sent is sudo-command.ts, what is said then sudo-dialogue.ts, and what
// it means when sudo does not run the command sudo-refusal.ts.

import type { Acquire } from '../hops/lease.js'
import { type Command, formatCommand } from './command.js'
import { commandRequest } from './command-request.js'
import { onHop } from './run.js'
import type { CommandResult, RunOptions } from './run-options.js'
import { runProcess } from './run-process.js'
import { sudoCommand } from './sudo-command.js'
import { SudoDialogue } from './sudo-dialogue.js'
import {
  checkSudoOptions,
  type SudoBufferOptions,
  type SudoOptions,
  type SudoQuestion,
} from './sudo-options.js'
import { findSudoRefusal } from './sudo-refusal.js'

export type { SudoBufferOptions, SudoOptions, SudoQuestion }

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
