// What the tests of authentication share: a context with a home of its own, and a server that is played by hand.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { AuthContext } from '../../../src/auth/context.js'
import type { AuthPlan } from '../../../src/auth/plan.js'
import type { Question } from '../../../src/config/callbacks.js'
import { type Settings, settingsTable } from '../../../src/config/settings.js'
import type { HopRef } from '../../../src/errors.js'
import { parsePrivateKey, parsePublicKey } from '../../../src/wire/ssh2-keys.js'
import type { AuthAttempt, AuthState, SigningKey } from '../../../src/wire/wire.js'
import { scratchDir } from '../../support/run-dir.js'

export const gateway: HopRef = { index: 0, count: 2, user: 'ops', host: 'edge', port: 22 }

const defaults = Object.fromEntries(
  Object.entries(settingsTable).map(([name, { default: value }]) => [name, value]),
) as unknown as Settings

export interface ContextOptions extends Omit<Partial<AuthContext>, 'settings'> {
  readonly settings?: Partial<Settings>
}

/** An empty home, no agent, nobody to ask. */
export function makeContext({ settings, env, ...rest }: ContextOptions = {}): AuthContext {
  const home = scratchDir('home')
  mkdirSync(join(home, '.ssh'), { mode: 0o700 })
  return {
    hop: gateway,
    ask: undefined,
    pausedDuring: (work) => work(),
    signal: new AbortController().signal,
    keys: { parsePrivateKey, parsePublicKey },
    secretsAllowed: () => true,
    optionalFiles: new Set(),
    ...rest,
    settings: { ...defaults, user: 'ops', ...settings },
    env: { HOME: home, ...env },
  }
}

/** Somebody who gives these answers in turn, and then declines. */
export function person(...answers: readonly string[]): {
  readonly ask: (question: Question) => Promise<string | undefined>
  readonly questions: Question[]
} {
  const questions: Question[] = []
  return {
    questions,
    ask: async (question) => {
      questions.push(question)
      return answers[questions.length - 1]
    },
  }
}

export const first: AuthState = { allowed: undefined, last: undefined }
export const all = ['publickey', 'password', 'keyboard-interactive']

export function refused(allowed: readonly string[] = all): AuthState {
  return { allowed, last: 'refused' }
}

export function partial(allowed: readonly string[]): AuthState {
  return { allowed, last: 'partial success' }
}

/** Refuses everything, and gives what was offered. */
export async function refuseAll(
  plan: AuthPlan,
  allowed: readonly string[] = all,
): Promise<readonly AuthAttempt[]> {
  const offered: AuthAttempt[] = []
  let attempt = await plan.next(first)
  while (attempt !== undefined) {
    offered.push(attempt)
    attempt = await plan.next(refused(allowed))
  }
  return offered
}

/** What an attempt is about, to compare: a fingerprint, a password, a method. */
export function essence(attempt: AuthAttempt | undefined): string | undefined {
  if (attempt?.method === 'publickey') return attempt.key.fingerprint
  if (attempt?.method === 'password') return `password ${attempt.password}`
  return attempt?.method
}

export function keyOf(attempt: AuthAttempt | undefined): SigningKey {
  if (attempt?.method !== 'publickey') throw new Error(`not a key: ${attempt?.method}`)
  return attempt.key
}

export function answerOf(
  attempt: AuthAttempt | undefined,
): (...prompts: readonly (readonly [text: string, echo: boolean])[]) => Promise<readonly string[]> {
  if (attempt?.method !== 'keyboard-interactive') throw new Error(`no questions: ${attempt?.method}`)
  return (...prompts) =>
    attempt.answer({
      name: '',
      instructions: '',
      prompts: prompts.map(([text, echo]) => ({ text, echo })),
    })
}
