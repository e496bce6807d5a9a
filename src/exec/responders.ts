// Answers to programs that ask: what to look for in their output, and what to write then. Who looks is answers.ts.

import { type HopRef, SallyportError } from '../errors.js'
import { checkNames, checkOption } from '../option-check.js'

/** One question of a program, and the answer to it. */
export interface Responder {
  /**
   * What the program says when it asks; text is taken literally. Looked for in stdout and in stderr, each by itself, in
   * the 1,024 characters that came last. It is found as soon as it matches, so let it have a definite end; and it is run
   * anew over each piece of output, so let it begin with something definite: `/\S+: $/` is slow on long lines.
   */
  readonly pattern: RegExp | string
  /**
   * Written to the program as it is, so mostly with a line feed at the end. A function is told what the pattern matched,
   * and is asked anew each time.
   */
  readonly response: string | ((asked: string) => string | Promise<string>)
  /** What the program says when it does not accept the response; seen after it, the call rejects with RESPONSE_REFUSED. */
  readonly failurePattern?: RegExp | string | undefined
}

/** For the calls that take responders. */
export interface Responding {
  /**
   * Answers the program's questions. Its standard input stays open for them until it has ended, so that a program that
   * reads on to the end of its input waits for ever.
   */
  readonly responders?: readonly Responder[] | undefined
}

const names: Readonly<Record<keyof Responder, true>> = { pattern: true, response: true, failurePattern: true }

/** The responders of an option. Throws TypeError, in which no response is shown. */
export function checkResponders(responders: unknown): readonly Responder[] {
  if (responders === undefined) return []
  checkOption('responders', Array.isArray(responders), 'a list of { pattern, response }')
  const list = responders as readonly Responder[]
  for (const responder of list) {
    checkNames(responder, names)
    const { pattern, response, failurePattern } = responder
    checkOption('responders', isPattern(pattern), 'a list whose patterns match some text')
    checkOption(
      'responders',
      failurePattern === undefined || isPattern(failurePattern),
      'a list whose failure patterns match some text',
    )
    checkOption(
      'responders',
      typeof response === 'string' || typeof response === 'function',
      'a list whose responses are text or functions',
    )
  }
  return [...list]
}

/** A pattern that matches the empty text would match everywhere. */
function isPattern(pattern: unknown): boolean {
  if (typeof pattern === 'string') return pattern !== ''
  return pattern instanceof RegExp && !new RegExp(pattern.source, withoutState(pattern.flags)).test('')
}

/** The flags without those by which a regular expression remembers where it was. */
export function withoutState(flags: string): string {
  return flags.replace(/[gy]/g, '')
}

/** Makes the error for a response that was not accepted. */
export type MakeRefusal = (what: string, hop: HopRef | undefined) => Error

/** The error for a process whose output is its user's: it has none. */
export const refuseResponse: MakeRefusal = (what, hop) =>
  new SallyportError('RESPONSE_REFUSED', what, { hop, phase: 'session' })
