// The wording of questions to a person. Each names the hop that asks, so that no secret is typed for the wrong one.

import type { Question } from '../config/callbacks.js'
import { formatHop, type HopRef, SallyportError } from '../errors.js'
import { printable } from '../printable.js'
import type { AuthContext } from './context.js'

/** `ops@inner-gw (hop 2 of 3)`; without the position where the route has a single hop. */
function formatAccount(hop: HopRef): string {
  return `${printable(hop.user)}@${printable(formatHop(hop))}`
}

/** `ops@inner-gw (hop 2 of 3)'s password: ` */
export function passwordQuestion(hop: HopRef): string {
  return `${formatAccount(hop)}'s password: `
}

/** `passphrase for key /home/ops/.ssh/id_rsa, to log in as ops@inner-gw (hop 2 of 3): ` */
export function passphraseQuestion(hop: HopRef, file: string): string {
  return `passphrase for key ${printable(file, 1000)}, to log in as ${formatAccount(hop)}: `
}

/** A server's own question. Every line begins with the hop, so that a server cannot pose as another, or as us. */
export function serverQuestion(hop: HopRef, lines: readonly string[]): string {
  return lines
    .filter((line) => line !== '')
    .map((line) => `(${formatAccount(hop)}) ${line}`)
    .join('\n')
    .concat(' ')
}

/**
 * Asks the person. Rejects with `CANCELLED` when the person declines, or when the question could not be asked; an
 * error of this library that `ask` rejects with is passed on as it is.
 */
export async function askPerson(
  { ask, hop, signal }: AuthContext,
  question: Pick<Question, 'kind' | 'text' | 'echo'>,
): Promise<string> {
  const details = { hop, phase: 'authentication' } as const
  let answer: string | undefined
  try {
    answer = await ask?.({ ...question, hop, signal })
  } catch (cause) {
    if (cause instanceof SallyportError || signal.aborted) throw cause
    throw new SallyportError('CANCELLED', 'the question could not be asked', { ...details, cause })
  }
  if (answer === undefined) throw new SallyportError('CANCELLED', `no answer to: ${question.kind}`, details)
  return answer
}
