// Where a command runs: its directory and its environment, written before its text for any POSIX sh.

import { ConfigError } from '../errors.js'
import { quote } from './command.js'

export interface Surroundings {
  /**
   * The directory to run in, taken literally: relative to where commands start, the home directory, and without `~`.
   * When it cannot be entered, that is the command's failure.
   */
  readonly cwd?: string | undefined
  /**
   * Variables for the command. They travel in the command's text, since most servers drop the requests that SSH has
   * for them (sshd_config(5) AcceptEnv). So they are no place for secrets: while the command runs, everybody on the
   * remote machine can see them in the list of processes. Give secrets as `input`.
   */
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** The names of {@link Surroundings}. */
export const surroundingNames = { cwd: true, env: true } as const satisfies Record<keyof Surroundings, true>

/**
 * A command's text with its surroundings. They stand on a line before it, in the same shell, so that no command can
 * undo them by its syntax: lists, pipes, comments and here-documents all mean what they mean alone.
 */
export function surround(text: string, surroundings: Surroundings): string {
  const { cwd, env = {} } = surroundings
  const assignments = Object.entries(env).map(([name, value]) => formatAssignment(name, value))
  const steps = [
    ...(cwd === undefined ? [] : [`cd ${quote(formatDirectory(cwd))} || exit`]),
    ...(assignments.length === 0 ? [] : [`export ${assignments.join(' ')} || exit`]),
  ]
  return steps.length === 0 ? text : `${steps.join('; ')}\n${text}`
}

/** Throws for surroundings that cannot be. */
export function checkSurroundings(surroundings: Surroundings): void {
  surround('', surroundings)
}

function formatAssignment(name: string, value: unknown): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw invalid('env', `is no name of a variable: ${JSON.stringify(name)}`)
  }
  if (typeof value !== 'string') throw new TypeError(`option env: ${name} must be a string`)
  return `${name}=${quote(value)}`
}

/** With `./`, a directory is neither taken for an option or `-`, nor looked for in CDPATH. */
function formatDirectory(directory: unknown): string {
  if (typeof directory !== 'string') throw new TypeError('option cwd: must be a string')
  if (directory === '') throw invalid('cwd', 'is empty')
  return directory.startsWith('/') ? directory : `./${directory}`
}

function invalid(option: string, what: string): ConfigError {
  return new ConfigError('INVALID_OPTION', `option ${option}: ${what}`, { origin: `option ${option}` })
}
