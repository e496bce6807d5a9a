// The command line by which sudo(8) runs a command, and what tells us where sudo stands: the prompt, and a mark that is
// written when the command begins. Both are made by the far side out of two halves, so that a shell that shows its
// commands, or sudo when it refuses one, shows neither.

import { randomBytes } from 'node:crypto'
import { type Command, formatCommand, quote } from './command.js'
import type { SudoOptions } from './sudo-options.js'
import { surround } from './surroundings.js'

/** What is sent, and what comes back. */
export interface SudoCommand {
  readonly sent: string
  /** What sudo says when it wants the password; `undefined` when it must not ask. */
  readonly prompt: Buffer | undefined
  /** Comes before anything of the command; `undefined` where sudo runs the command's program itself. */
  readonly mark: Buffer | undefined
}

/**
 * A list is what sudo runs; but one that has a directory, variables, or an input that must not be taken for a password,
 * goes by `sh -c`, as all text does, so that all of it runs as the other user.
 */
export function sudoCommand(command: Command, options: SudoOptions): SudoCommand {
  const { user, group, password, preserveEnv = [], cwd, env = {}, input } = options
  const isPlain = cwd === undefined && Object.keys(env).length === 0
  const isDirect = Array.isArray(command) && isPlain && (password === undefined || input === undefined)
  const prompt = password === undefined ? undefined : { head: secretHalf(), tail: secretHalf() }
  const words = [
    'sudo',
    // `%%` is one `%` when sudo says it.
    ...(prompt === undefined ? ['-n'] : ['-S', '-p', quote(`${prompt.head}%%${prompt.tail}`)]),
    '-H',
    ...(user === undefined ? [] : ['-u', quote(user)]),
    ...(group === undefined ? [] : ['-g', quote(group)]),
    ...(preserveEnv.length === 0 ? [] : [`--preserve-env=${preserveEnv.join(',')}`]),
    '--',
  ]
  const asked = prompt && Buffer.from(`${prompt.head}%${prompt.tail}`)
  const text = formatCommand(command)
  if (isDirect) return { sent: [...words, text].join(' '), prompt: asked, mark: undefined }
  const [head, tail] = [secretHalf(), secretHalf()]
  const inner = surround(Array.isArray(command) ? `exec ${text}` : text, options)
  const script = `printf %s%s '${head}' '${tail}' >&2\n${inner}`
  return {
    sent: [...words, 'sh', '-c', quote(script)].join(' '),
    prompt: asked,
    mark: Buffer.from(head + tail),
  }
}

/** It begins with a character that few outputs end in: what could be its beginning is held back for a moment. */
function secretHalf(): string {
  return `~${randomBytes(8).toString('hex')}`
}
