// Why sudo did not run a command, by its own words. Where a mark says whether the command has begun, they only tell one
// reason from another; elsewhere they have to be English, and a refusal in another language is a failed command.

import type { CommandOutcome } from '../errors.js'
import type { Refusal } from './run-process.js'

/** How far sudo had come. */
export interface SudoState {
  /** Whether it asked for the password. */
  readonly wasAsked: boolean
  /** Whether the command has begun; `undefined` when that is not known. */
  readonly hasBegun: boolean | undefined
  /** Where it speaks. */
  readonly output: 'stdout' | 'stderr'
}

const noSudo =
  /^.*\bsudo: (?:command )?not found.*$|^.*command not found: sudo.*$|^.*Unknown command: sudo.*$/im
const passwordRefused = /^sudo: \d+ incorrect password attempts?/m
const passwordNeeded = /^sudo: (?:a password is required|no password was provided)/m
const terminalNeeded = /^sudo: sorry, you must have a tty to run sudo/m
const refused = [
  /^.* is not in the sudoers file\b.*$/im,
  /^Sorry, user .* (?:is not allowed to execute|may not run sudo).*$/im,
  /^sudo: (?:sorry, )?you are not (?:allowed|permitted) to .*$/im,
  /^sudo: unknown (?:user|group|uid|gid)\b.*$/im,
  /^sudo: (?:.*\bsyntax error\b|.*must be owned by uid 0|.*no valid sudoers sources|.*"no new privileges").*$/im,
]
const programMissing = /^sudo: .*: command not found/m

/** The refusal in what was said, if there is one. */
export function findSudoRefusal(
  outcome: Pick<CommandOutcome, 'exitCode' | 'stdout' | 'stderr'>,
  { wasAsked, hasBegun, output }: SudoState,
): Refusal | undefined {
  const { exitCode } = outcome
  if (hasBegun === true || exitCode === null || exitCode === 0) return undefined
  const said = outcome[output].replaceAll('\r\n', '\n')
  if (exitCode === 127 && noSudo.test(said)) return refusal('SUDO_REFUSED', 'sudo is not there', said, noSudo)
  if (exitCode !== 1) return undefined
  if (terminalNeeded.test(said)) {
    return {
      ...refusal('SUDO_REFUSED', 'sudo wants a terminal', said, terminalNeeded),
      hint: 'give the option pty: true',
    }
  }
  for (const pattern of refused) {
    if (pattern.test(said)) return refusal('SUDO_REFUSED', 'sudo refused', said, pattern)
  }
  if (wasAsked && passwordRefused.test(said)) {
    return { code: 'SUDO_PASSWORD_REFUSED', what: 'sudo did not accept the password' }
  }
  if (passwordNeeded.test(said)) return { code: 'SUDO_PASSWORD_NEEDED', what: 'sudo wants a password' }
  if (hasBegun === undefined || programMissing.test(said)) return undefined
  return refusal('SUDO_REFUSED', 'sudo did not run the command', said, /^.*\S.*$/m)
}

/** With sudo's own line. */
function refusal(code: Refusal['code'], what: string, said: string, pattern: RegExp): Refusal {
  const [line = ''] = said.match(pattern) ?? []
  return { code, what, line }
}
