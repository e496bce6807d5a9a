// The authentication half of a handshake: ssh2 asks what to offer next, our plan answers; and what ssh2 would take
// from a server without having asked for it is refused.

import type { Client } from 'ssh2'
import { AuthError, ConnectError, type Phase, SallyportError } from '../errors.js'
import { printable } from '../printable.js'
import { offeredAlgorithms } from './algorithms.js'
import { authHandlersOf } from './ssh2-engine.js'
import { toSsh2Agent } from './ssh2-keys.js'
import type { AuthAttempt, AuthState, HandshakePlan } from './wire.js'

/** The most rounds of keyboard-interactive that a server may ask, with or without prompts. */
const maxRounds = 20

type Offer = (attempt: object | false) => void

export class Authentication {
  readonly #plan: HandshakePlan
  readonly #fail: (error: SallyportError) => void
  /** What keys may sign with. */
  readonly #algorithms: readonly string[]
  /** The server's last answer, until it is told to the plan. */
  #answer: { readonly methods: readonly string[]; readonly partialSuccess: boolean } | undefined
  #allowed: readonly string[] | undefined
  #problem: unknown
  #attempt: AuthAttempt | undefined
  #rounds = 0
  #accepted = false

  constructor(plan: HandshakePlan, fail: (error: SallyportError) => void) {
    this.#plan = plan
    this.#fail = fail
    this.#algorithms = offeredAlgorithms(plan.algorithms).userKey
  }

  /** For ssh2's `authHandler`. */
  readonly handler = (_methods: unknown, _partial: unknown, offer: Offer): undefined => {
    void this.#next(offer)
    return undefined
  }

  /** Watches the messages of the authentication. To be called once ssh2's `connect` has returned. */
  watch(client: Client): void {
    const handlers = authHandlersOf(client)
    const { USERAUTH_FAILURE, USERAUTH_SUCCESS, USERAUTH_INFO_REQUEST, SERVICE_ACCEPT, EXT_INFO } = handlers
    handlers.EXT_INFO = (protocol, extensions) => {
      const accepted = (name: string): boolean => this.#algorithms.includes(name)
      const mutual = extensions.map(({ algs, ...extension }) =>
        algs === undefined ? extension : { ...extension, algs: algs.filter(accepted) },
      )
      EXT_INFO(protocol, mutual)
    }
    let started = false
    handlers.SERVICE_ACCEPT = (protocol, name) => {
      if (started) return this.#broken('accepted a service twice')
      if (name !== 'ssh-userauth') return this.#broken('accepted another service than the one asked for')
      started = true
      SERVICE_ACCEPT(protocol, name)
    }
    handlers.USERAUTH_FAILURE = (protocol, methods, partialSuccess) => {
      if (this.#attempt === undefined) return this.#broken('refused an authentication that was not tried')
      this.#answer = { methods, partialSuccess }
      this.#allowed = methods
      USERAUTH_FAILURE(protocol, methods, partialSuccess)
    }
    handlers.USERAUTH_SUCCESS = (protocol) => {
      if (this.#attempt === undefined)
        return this.#broken('reported the success of an authentication that was not tried')
      this.#accepted = true
      this.#attempt = undefined
      USERAUTH_SUCCESS(protocol)
    }
    handlers.USERAUTH_INFO_REQUEST = (protocol, ...round) => {
      this.#rounds += 1
      if (this.#rounds > maxRounds) return this.#broken(`asked more than ${maxRounds} rounds of questions`)
      USERAUTH_INFO_REQUEST(protocol, ...round)
    }
  }

  /** Whether the error concerns only the attempt at hand: an agent that could not sign. Remembers it. */
  isLocal(error: unknown): boolean {
    if (!(error instanceof Error) || (error as { level?: unknown }).level !== 'agent') return false
    this.#problem = error.cause ?? error
    return true
  }

  /** A server that hangs up after too many attempts has refused them: an {@link AuthError} that lists them. */
  explain(error: SallyportError, phase: Phase): SallyportError {
    if (phase !== 'authentication' || !(error instanceof ConnectError) || error.reason === undefined)
      return error
    if (!/too many authentication failures|no more auth/i.test(error.message)) return error
    const failed = this.#plan.authFailed(this.#state('refused'))
    if (!(failed instanceof AuthError)) return failed
    const { tried, allowed } = failed
    const details = {
      hop: this.#plan.hop,
      tried,
      allowed,
      cause: error,
      hint: 'offer fewer keys: set identitiesOnly with the right identityFile',
    }
    return new AuthError(
      'AUTH_FAILED',
      `the server hung up after ${tried.length} attempts: too many authentication failures`,
      details,
    )
  }

  passwordChangeRequired(prompt: string): SallyportError {
    const { tried, allowed } = this.#asAuthError()
    const said = printable(prompt)
    return new AuthError(
      'PASSWORD_CHANGE_REQUIRED',
      `the password must be changed${said === '' ? '' : `: ${said}`}`,
      {
        hop: this.#plan.hop,
        tried,
        allowed,
      },
    )
  }

  #asAuthError(): Pick<AuthError, 'tried' | 'allowed'> {
    const failed = this.#plan.authFailed(this.#state('refused'))
    return failed instanceof AuthError ? failed : { tried: [], allowed: this.#allowed ?? [] }
  }

  async #next(offer: Offer): Promise<void> {
    // The engine passes over a key, unasked, when nothing that it signs with is accepted by both sides.
    if (this.#attempt?.method === 'publickey' && this.#answer === undefined) this.#problem ??= noAlgorithm()
    const state = this.#state(this.#lastOutcome())
    this.#attempt = undefined
    this.#answer = undefined
    this.#problem = undefined
    try {
      const attempt = await this.#plan.nextAuthAttempt(state)
      if (attempt === undefined) return this.#fail(this.#plan.authFailed({ ...state, last: undefined }))
      this.#attempt = attempt
      offer(this.#toSsh2(attempt))
    } catch (error) {
      this.#fail(this.#asOurs(error))
    }
  }

  #lastOutcome(): AuthState['last'] {
    if (this.#attempt === undefined) return undefined
    if (this.#problem !== undefined) return 'failed locally'
    return this.#answer?.partialSuccess === true ? 'partial success' : 'refused'
  }

  #state(last: AuthState['last']): AuthState {
    return { allowed: this.#allowed, last, problem: this.#problem }
  }

  #toSsh2(attempt: AuthAttempt): object {
    const username = this.#plan.user
    switch (attempt.method) {
      case 'none':
        return { type: 'none', username }
      case 'password':
        return { type: 'password', username, password: attempt.password }
      case 'publickey':
        return { type: 'agent', username, agent: toSsh2Agent(attempt.key, this.#algorithms) }
      case 'keyboard-interactive':
        this.#rounds = 0
        return { type: 'keyboard-interactive', username, prompt: this.#prompter(attempt.answer) }
    }
  }

  #prompter(answer: (AuthAttempt & { method: 'keyboard-interactive' })['answer']) {
    return (
      name: string,
      instructions: string,
      _language: string,
      prompts: readonly { readonly prompt: string; readonly echo?: boolean }[],
      finish: (answers: string[]) => void,
    ): void => {
      const questions = prompts.map(({ prompt, echo }) => ({ text: prompt, echo: echo === true }))
      answer({ name, instructions, prompts: questions }).then(
        (answers) => {
          if (!this.#accepted) finish([...answers])
        },
        (error: unknown) => {
          if (!this.#accepted) this.#fail(this.#asOurs(error))
        },
      )
    }
  }

  #asOurs(error: unknown): SallyportError {
    if (error instanceof SallyportError) return error
    return new ConnectError('AUTH_FAILED', 'the authentication could not be continued', {
      hop: this.#plan.hop,
      phase: 'authentication',
      cause: error,
    })
  }

  #broken(what: string): void {
    this.#fail(
      new ConnectError('PROTOCOL_ERROR', `broke the protocol: ${what}`, {
        hop: this.#plan.hop,
        phase: this.#accepted ? 'session' : 'authentication',
      }),
    )
  }
}

function noAlgorithm(): SallyportError {
  const what = 'the server takes none of the algorithms that it may sign with'
  return new SallyportError('IDENTITY_UNUSABLE', what, { phase: 'authentication' })
}
