// Decides about what one client of an embedded host offers to log in with, as sshd would, and logs it.

import type { AuthOffer, AuthVerdict } from '../wire/server.js'
import type { HostDescription, QuestionRound, UserDescription } from './description.js'
import type { Faults } from './faults.js'
import type { LogEvent } from './log.js'

type AuthenticationEvent = Extract<LogEvent, { event: 'authentication' }>

export interface LoginOptions {
  readonly host: HostDescription
  /** The public key that users accept who describe none. */
  readonly networkKey: string
  readonly faults: () => Faults
  readonly log: (event: AuthenticationEvent) => void
}

/** One connection's authentication: it remembers what has succeeded and how often something failed. */
export class Login {
  readonly #options: LoginOptions
  readonly #done: string[] = []
  #failures = 0

  constructor(options: LoginOptions) {
    this.#options = options
  }

  async decide(offer: AuthOffer): Promise<AuthVerdict> {
    const { host, faults, log } = this.#options
    const user = findUser(host, offer.user)
    const answers: string[] = []
    const holds =
      faults().authentication !== 'refuse' &&
      user !== undefined &&
      (await this.#holds(offer, user, (given) => answers.push(...given)))
    const verdict = this.#verdict(offer, user, holds)
    const asksOnly = offer.method === 'publickey' && !offer.signed
    log({
      event: 'authentication',
      user: offer.user,
      method: offer.method,
      outcome: holds && asksOnly ? 'acceptable' : loggedOutcome(verdict),
      ...(offer.method === 'publickey' ? { fingerprint: offer.key.fingerprint } : {}),
      ...(offer.method === 'password' ? { password: offer.password } : {}),
      ...(offer.method === 'keyboard-interactive' ? { answers } : {}),
    })
    if (faults().authentication === 'hang') return new Promise(() => {})
    return verdict
  }

  async #holds(
    offer: AuthOffer,
    user: UserDescription,
    onAnswers: (answers: readonly string[]) => void,
  ): Promise<boolean> {
    if (user.requires?.length === 0) return true
    if (!this.#methods(user).includes(offer.method)) return false
    if (offer.method === 'password') return offer.password === user.password
    if (offer.method === 'publickey') return this.#keys(user).includes(offer.key.base64)
    if (offer.method !== 'keyboard-interactive') return false
    for (const round of user.keyboardInteractive ?? []) {
      if (!(await askRound(offer.ask, round, onAnswers))) return false
    }
    return true
  }

  #verdict(offer: AuthOffer, user: UserDescription | undefined, holds: boolean): AuthVerdict {
    if (holds) {
      if (offer.method === 'publickey' && !offer.signed) return { outcome: 'accepted' }
      this.#done.push(offer.method)
      const left = user?.requires?.slice(this.#done.length) ?? []
      if (left.length === 0) return { outcome: 'accepted' }
      return { outcome: 'partial success', methods: left.slice(0, 1) }
    }
    if (offer.method !== 'none') this.#failures += 1
    if (this.#failures >= (this.#options.host.maxAuthTries ?? 6)) return { outcome: 'disconnect' }
    // As sshd, a user who does not exist gets the answer of one who does.
    return {
      outcome: 'refused',
      methods: user === undefined ? ['publickey', 'password'] : this.#methods(user),
    }
  }

  /** The methods that the user can continue with. */
  #methods(user: UserDescription): readonly string[] {
    if (user.requires !== undefined) return user.requires.slice(this.#done.length, this.#done.length + 1)
    return [
      ...(this.#keys(user).length > 0 ? ['publickey'] : []),
      ...(user.password === undefined ? [] : ['password']),
      ...(user.keyboardInteractive === undefined ? [] : ['keyboard-interactive']),
    ]
  }

  #keys(user: UserDescription): readonly string[] {
    return (user.keys ?? [this.#options.networkKey]).map((line) => line.trim().split(/\s+/)[1] ?? '')
  }
}

function findUser(host: HostDescription, name: string): UserDescription | undefined {
  if (host.users === undefined) return {}
  return Object.hasOwn(host.users, name) ? host.users[name] : undefined
}

async function askRound(
  ask: Extract<AuthOffer, { method: 'keyboard-interactive' }>['ask'],
  round: QuestionRound,
  onAnswers: (answers: readonly string[]) => void,
): Promise<boolean> {
  const prompts = round.prompts.map(({ text, echo = false }) => ({ text, echo }))
  const answers = await ask({
    name: round.name ?? '',
    instructions: round.instructions ?? '',
    prompts,
  }).catch(() => undefined)
  if (answers === undefined) return false
  onAnswers(answers)
  return answers.length === prompts.length && round.prompts.every(({ answer }, i) => answers[i] === answer)
}

function loggedOutcome(verdict: AuthVerdict): AuthenticationEvent['outcome'] {
  return verdict.outcome === 'disconnect' ? 'refused' : verdict.outcome
}
