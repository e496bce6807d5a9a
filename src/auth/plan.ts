// Authenticating to one hop: which credential is offered next, given what the server said to the one before.
// There is no `none` probe first: it would cost a round trip on every hop. The methods are in files of their own.

import type { Settings } from '../config/settings.js'
import type { OfferedCredential } from '../diagnostics.js'
import { type AuthError, SallyportError } from '../errors.js'
import { interruptible } from '../interruptible.js'
import type { AuthAttempt, AuthState, PromptRound } from '../wire/wire.js'
import { AttemptLog } from './attempt-log.js'
import type { AuthContext, Offer, Offers } from './context.js'
import { keyboardInteractiveOffers } from './keyboard-interactive.js'
import { givenPassword, passwordOffers } from './password.js'
import { publicKeyOffers } from './public-keys.js'

export type { AuthContext } from './context.js'

/** The credentials of one hop, in their order. Whoever made the plan closes it. */
export interface AuthPlan {
  /**
   * The next credential to offer; `undefined` when there is none left. Rejects with `CANCELLED` when a person declined,
   * with the signal's reason, and with a problem of `state` that is more than one credential's.
   */
  next(state: AuthState): Promise<AuthAttempt | undefined>
  /** The error for a server that accepted nothing, or that ended the connection over an attempt (`last: undefined`). */
  failed(state: AuthState): AuthError
  /** The last attempt, which is what was accepted: `publickey SHA256:… (agent)`; `undefined` before the first. */
  accepted(): string | undefined
  /** Every attempt so far, and what was passed over; `pending` says what became of one that has no answer yet. */
  credentials(pending: 'accepted' | 'unanswered'): readonly OfferedCredential[]
  /** Ends what is pending: agent sockets, questions. Idempotent. */
  close(): void
}

const authMethods = ['publickey', 'keyboard-interactive', 'password'] as const
type AuthMethod = (typeof authMethods)[number]

/** Errors about a single credential: the next one may be tried. Any other error of ours ends the plan. */
const localCodes: readonly string[] = [
  'AUTH_FAILED',
  'IDENTITY_UNUSABLE',
  'PASSPHRASE_NEEDED',
  'AGENT_UNUSABLE',
]

function isLocal(problem: unknown): boolean {
  return problem instanceof SallyportError && localCodes.includes(problem.code)
}

// Made once, and not where it is used: an error keeps alive what was on the stack when it was made, here the caller's
// connection, and this one lasts as long as the hop is open.
const ended = new SallyportError('CLOSED', 'the authentication was ended', { phase: 'authentication' })

/**
 * Plans the authentication to one hop. Does nothing before the first `next`. The plan listens to the context's signal
 * until it is closed.
 */
export function planAuthentication(outer: AuthContext): AuthPlan {
  const methods = outer.settings.preferredAuthentications.flatMap((name) =>
    authMethods.filter((method) => method === name && isSwitchedOn(method, outer.settings)),
  )
  const ending = new AbortController()
  const { signal } = ending
  const context: AuthContext = { ...outer, signal }
  const follow = (): void => ending.abort(outer.signal.reason)
  if (outer.signal.aborted) follow()
  outer.signal.addEventListener('abort', follow, { once: true })

  const log = new AttemptLog()
  const accepted = new Set<string>()
  const latest: { state: AuthState } = { state: { allowed: undefined, last: undefined } }
  const offers = orderOffers(context, { methods, log, accepted, latest })

  return {
    next: async (state) => {
      signal.throwIfAborted()
      latest.state = state
      const part = log.settle(state)
      if (part !== undefined) accepted.add(part.id)
      const { problem } = state
      if (problem instanceof SallyportError && !isLocal(problem)) throw problem
      const step = await interruptible(offers.next(), signal)
      if (step.done) return undefined
      log.begin(step.value)
      return interruptAttempt(step.value.attempt, signal, (problem) => {
        if (!isLocal(problem)) return problem
        log.settle({ ...latest.state, last: 'failed locally', problem })
        return log.toError(context.hop, latest.state.allowed ?? [])
      })
    },
    failed: (state) => {
      log.settle(state)
      return log.toError(context.hop, state.allowed ?? latest.state.allowed ?? [])
    },
    accepted: () => log.describeLast(),
    credentials: (pending) => log.list(pending),
    close: () => {
      outer.signal.removeEventListener('abort', follow)
      ending.abort(ended)
    },
  }
}

/** ssh_config(5) PubkeyAuthentication, PasswordAuthentication, KbdInteractiveAuthentication. */
function isSwitchedOn(method: AuthMethod, settings: Settings): boolean {
  switch (method) {
    case 'publickey':
      return settings.pubkeyAuthentication !== 'no'
    case 'password':
      return settings.passwordAuthentication
    case 'keyboard-interactive':
      return settings.kbdInteractiveAuthentication
  }
}

/** Whether there is something to try by a method other than publickey, as far as can be told without asking for it. */
function canAnswer(method: AuthMethod, { settings, ask, secretsAllowed }: AuthContext): boolean {
  if (method === 'publickey' || !secretsAllowed()) return false
  if (method === 'keyboard-interactive' && settings.keyboardInteractive !== undefined) return true
  return settings.password !== undefined || ask !== undefined
}

function makeMethods(
  context: AuthContext,
  { log, isMoreLeft }: { readonly log: AttemptLog; readonly isMoreLeft: () => boolean },
): Readonly<Record<AuthMethod, Offers>> {
  const given = givenPassword(context, log)
  return {
    publickey: publicKeyOffers(context, { log, isMoreLeft }),
    password: passwordOffers(context, given),
    'keyboard-interactive': keyboardInteractiveOffers(context, given),
  }
}

/** Method by method, as long as the server allows it; from the start after a partial success, without its credential. */
async function* orderOffers(
  context: AuthContext,
  from: {
    readonly methods: readonly AuthMethod[]
    readonly log: AttemptLog
    /** The ids of what was a partial success. */
    readonly accepted: ReadonlySet<string>
    readonly latest: { readonly state: AuthState }
  },
): AsyncGenerator<Offer, void, void> {
  const { methods, log, accepted, latest } = from
  const isAllowed = (method: AuthMethod): boolean => latest.state.allowed?.includes(method) ?? true
  const afterKeys = methods.slice(methods.indexOf('publickey') + 1)
  const isMoreLeft = (): boolean =>
    afterKeys.some((method) => isAllowed(method) && canAnswer(method, context))
  const offersOf = makeMethods(context, { log, isMoreLeft })
  let wasDenialNoted = false

  start: for (;;) {
    for (const method of methods) {
      if (!isAllowed(method)) continue
      if (method !== 'publickey' && !context.secretsAllowed()) {
        if (!wasDenialNoted) log.skip({ method, note: 'the host key has changed, so that no secret is sent' })
        wasDenialNoted = true
        continue
      }
      for await (const offer of offersOf[method]()) {
        if (accepted.has(offer.id)) continue
        yield offer
        if (latest.state.last === 'partial success') continue start
        if (!isAllowed(method)) break
      }
    }
    // With nothing to offer, `none` at least tells what the server would allow, and may even be enough.
    if (log.isUntouched) yield { attempt: { method: 'none' }, id: 'none' }
    return
  }
}

/**
 * Signing and answering wait for people and agents, and must not outlive the plan. A question that cannot be answered
 * may be the last word of the handshake: what `answer` rejects with goes through `explain`.
 */
function interruptAttempt(
  attempt: AuthAttempt,
  signal: AbortSignal,
  explain: (problem: unknown) => unknown,
): AuthAttempt {
  if (attempt.method === 'publickey') {
    const { key } = attempt
    const sign = (data: Buffer, algorithm: string): Promise<Buffer> =>
      interruptible(key.sign(data, algorithm), signal)
    return { ...attempt, key: { ...key, sign } }
  }
  if (attempt.method === 'keyboard-interactive') {
    const answer = (round: PromptRound): Promise<readonly string[]> =>
      interruptible(attempt.answer(round), signal).catch((problem: unknown) => {
        throw explain(problem)
      })
    return { ...attempt, answer }
  }
  return attempt
}
