// Why members of a group failed: failures with one cause stand together, however many hosts there are.

import { CommandError, errorCodes, type Failed, SallyportError } from '../index.js'
import { causeMessages, messageOf } from './error-causes.js'

/** What some members failed with. */
export interface Cause {
  /** `exit status 3`, or the code of the error; empty for an error of another kind. */
  readonly name: string
  /** What the first of them failed with. */
  readonly message: string
  /** What was behind that, the nearest first. */
  readonly causes: readonly string[]
  /** What to do about it, where there is more to say than that a command failed. */
  readonly hint: string | undefined
  readonly failures: readonly Failed[]
}

/** The causes, that of the most failures first. What failed at a gateway stands apart from what failed at the hosts. */
export function causesOf(failures: readonly Failed[]): readonly Cause[] {
  const byKey = new Map<string, Failed[]>()
  for (const failure of failures) {
    const key = keyOf(failure.error)
    const same = byKey.get(key)
    if (same === undefined) byKey.set(key, [failure])
    else same.push(failure)
  }
  return [...byKey.values()].map(describe).sort((a, b) => b.failures.length - a.failures.length)
}

function describe(failures: readonly Failed[]): Cause {
  const error = failures[0]?.error
  const [name, message, hint] = [nameOf(error), messageOf(error), findHint(error)]
  return { name, message, causes: causeMessages(error), hint, failures }
}

function keyOf(error: unknown): string {
  if (!(error instanceof SallyportError)) return `other ${messageOf(error)}`
  const { hop } = error
  const where =
    hop !== undefined && hop.index < hop.count - 1 ? `${hop.user}@${hop.host}:${hop.port}` : 'host'
  return `${nameOf(error)} ${where}`
}

function nameOf(error: unknown): string {
  if (!(error instanceof SallyportError)) return ''
  if (!(error instanceof CommandError) || error.code !== 'COMMAND_FAILED') return error.code
  if (error.exitCode !== null) return `exit status ${error.exitCode}`
  return error.signal === null ? 'no exit status' : `ended by ${error.signal}`
}

/** Of a command that failed by itself everything is said. */
function findHint(error: unknown): string | undefined {
  if (!(error instanceof SallyportError) || error.code === 'COMMAND_FAILED') return undefined
  return error.hint ?? errorCodes[error.code].remedy
}
