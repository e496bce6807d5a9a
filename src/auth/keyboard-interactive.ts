// The method `keyboard-interactive` (RFC 4256): rounds of questions, answered by the caller's function; else the first
// by the password, where that is what is asked; else by a person.

import type { KeyboardInteractiveRound } from '../config/callbacks.js'
import { SallyportError } from '../errors.js'
import { printable } from '../printable.js'
import type { PromptRound } from '../wire/wire.js'
import { askPerson, serverQuestion } from './ask.js'
import type { AuthContext, Offer, Offers } from './context.js'
import type { GivenPassword } from './password.js'

/** Instructions may be a paragraph. */
const maxTextLength = 1000

type Answer = (round: KeyboardInteractiveRound, number: number) => Promise<readonly string[]>

/**
 * Makes the offers of `keyboard-interactive`. Their `answer` rejects with `CANCELLED` when someone declines, and with
 * `AUTH_FAILED` when there is nobody to answer: then the next credential may be tried. A server that asks without end
 * is stopped by the wire.
 */
export function keyboardInteractiveOffers(context: AuthContext, given: GivenPassword): Offers {
  const { settings, ask, secretsAllowed } = context
  const callback = settings.keyboardInteractive
  let isPasswordUnused = settings.password !== undefined
  let attempts = 0

  return async function* () {
    if (callback !== undefined) {
      yield offer('option keyboardInteractive', (round) => answerByFunction(context, round))
      return
    }
    if (isPasswordUnused) {
      yield offer('option password', async (round, number) => {
        const mayUse = isPasswordUnused && number === 1
        isPasswordUnused = false
        const password = mayUse && asksForPassword(round) ? await given() : undefined
        return password === undefined ? askAll(context, round) : [password]
      })
    }
    const prompts = ask === undefined ? 0 : settings.numberOfPasswordPrompts
    for (let prompt = 0; prompt < prompts && secretsAllowed(); prompt++) {
      let wasAsked = false
      yield offer('asked', (round) => {
        wasAsked = true
        return askAll(context, round)
      })
      // As with ssh: a server that refuses without a question will not ask the next time.
      if (!wasAsked) return
    }
  }

  function offer(source: string, answer: Answer): Offer {
    attempts += 1
    return {
      attempt: { method: 'keyboard-interactive', answer: answerRounds(context, answer) },
      id: `keyboard-interactive, ${attempts}`,
      source,
    }
  }
}

function answerRounds(
  context: AuthContext,
  answer: Answer,
): (round: PromptRound) => Promise<readonly string[]> {
  let rounds = 0
  return async (round) => {
    rounds += 1
    if (round.prompts.length === 0) return []
    if (!context.secretsAllowed()) throw unanswered(context, 'the changed host key forbids answers')
    return answer(makePrintable(context, round), rounds)
  }
}

function makePrintable({ hop }: AuthContext, round: PromptRound): KeyboardInteractiveRound {
  const show = (text: string): string => printable(text, maxTextLength)
  return {
    hop,
    name: show(round.name),
    instructions: show(round.instructions),
    prompts: round.prompts.map(({ text, echo }) => ({ text: show(text), echo })),
  }
}

function asksForPassword({ prompts }: KeyboardInteractiveRound): boolean {
  return prompts.length === 1 && prompts[0]?.echo === false
}

async function answerByFunction(
  context: AuthContext,
  round: KeyboardInteractiveRound,
): Promise<readonly string[]> {
  const { hop, settings } = context
  const details = { hop, phase: 'authentication' } as const
  const answers = await context.pausedDuring(async () => settings.keyboardInteractive?.(round))
  if (answers === undefined) {
    throw new SallyportError('CANCELLED', 'no answer to: keyboard-interactive', details)
  }
  if (answers.length !== round.prompts.length) {
    const what = `keyboardInteractive gave ${answers.length} answers to ${round.prompts.length} questions`
    throw new SallyportError('INVALID_OPTION', what, details)
  }
  return answers
}

async function askAll(context: AuthContext, round: KeyboardInteractiveRound): Promise<readonly string[]> {
  if (context.ask === undefined)
    throw unanswered(context, 'the server asked a question that nobody can answer')
  const answers: string[] = []
  for (const [index, { text, echo }] of round.prompts.entries()) {
    const lines = index === 0 ? [round.name, round.instructions, text] : [text]
    const question = serverQuestion(context.hop, lines)
    answers.push(await askPerson(context, { kind: 'keyboard-interactive', text: question, echo }))
  }
  return answers
}

function unanswered({ hop }: AuthContext, what: string): SallyportError {
  return new SallyportError('AUTH_FAILED', what, { hop, phase: 'authentication' })
}
