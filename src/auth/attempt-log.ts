// What was offered to a hop and what became of it, for the error that says so. Holds fingerprints and sources only.

import type { OfferedCredential } from '../diagnostics.js'
import type { ErrorCode } from '../error-codes.js'
import { type AuthAttemptRef, AuthError, type HopRef, SallyportError } from '../errors.js'
import { printable } from '../printable.js'
import type { AuthState } from '../wire/wire.js'
import type { Offer } from './context.js'

/** How many entries are spelled out in the message; all of them are in `tried`. */
const namedInMessage = 6
/** sshd(8) ends a connection after this many attempts, unless MaxAuthTries says otherwise. */
const usualMaxAuthTries = 6

/** Why a credential could not be used, where that decides about the error. */
export interface Obstacle {
  readonly code: ErrorCode
  readonly hint?: string | undefined
  readonly cause?: unknown
}

export class AttemptLog {
  readonly #tried: AuthAttemptRef[] = []
  readonly #obstacles: Obstacle[] = []
  #pending: Offer | undefined
  #last: Offer | undefined

  /** Whether nothing was offered so far. */
  get isUntouched(): boolean {
    return this.#last === undefined
  }

  /** A credential was passed over. */
  skip(ref: Omit<AuthAttemptRef, 'outcome'>, obstacle?: Obstacle): void {
    this.#tried.push({ ...ref, outcome: 'skipped' })
    if (obstacle !== undefined) this.#obstacles.push(obstacle)
  }

  begin(offer: Offer): void {
    this.#pending = offer
    this.#last = offer
  }

  /** Records what became of the pending offer, if there is one. Gives it back when it was a partial success. */
  settle(state: AuthState): Offer | undefined {
    const offer = this.#pending
    this.#pending = undefined
    if (offer === undefined) return undefined
    const ref = { method: offer.attempt.method, fingerprint: offer.fingerprint, source: offer.source }
    if (state.last === 'failed locally') {
      this.skip({ ...ref, note: describeProblem(state.problem) }, findObstacle(state.problem))
    } else if (state.last === undefined) {
      this.#tried.push({ ...ref, outcome: 'refused', note: 'the server ended the connection' })
    } else {
      this.#tried.push({ ...ref, outcome: state.last })
    }
    return state.last === 'partial success' ? offer : undefined
  }

  /** What was offered so far, in its order. What became of the pending offer is for the caller to say. */
  list(pending: 'accepted' | 'unanswered'): readonly OfferedCredential[] {
    if (this.#pending === undefined) return [...this.#tried]
    const { attempt, fingerprint, source } = this.#pending
    return [...this.#tried, { method: attempt.method, fingerprint, source, outcome: pending }]
  }

  /** The last offer, for people: `publickey SHA256:… (agent)`. */
  describeLast(): string | undefined {
    if (this.#last === undefined) return undefined
    const { attempt, fingerprint, source } = this.#last
    return describe({ method: attempt.method, fingerprint, source })
  }

  /** What to throw when the hop has accepted nothing. */
  toError(hop: HopRef, allowed: readonly string[]): AuthError {
    const tried = [...this.#tried]
    const refused = tried.filter(({ method, outcome }) => outcome === 'refused' && method !== 'none')
    const obstacle = this.#obstacles.find(({ code }) => code !== 'AUTH_FAILED')
    const keys = refused.filter(({ method }) => method === 'publickey')
    return new AuthError(
      refused.length === 0 ? (obstacle?.code ?? 'AUTH_FAILED') : 'AUTH_FAILED',
      `permission denied: ${[summarize(tried), describeAllowed(allowed)].join('; ')}`,
      {
        hop,
        tried,
        allowed: allowed.map((method) => printable(method)),
        hint: this.#obstacles.find(({ hint }) => hint !== undefined)?.hint ?? tooManyKeysHint(keys.length),
        cause: this.#obstacles.find(({ cause }) => cause !== undefined)?.cause,
      },
    )
  }
}

function summarize(tried: readonly AuthAttemptRef[]): string {
  if (tried.length === 0) return 'there was nothing to offer'
  const named = tried.slice(0, namedInMessage).map((ref) => {
    const outcome = ref.note === undefined ? ref.outcome : `${ref.outcome}, ${ref.note}`
    return `${describe(ref)} ${outcome}`
  })
  const more = tried.length - named.length
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}

function describe({ method, fingerprint, source }: Omit<AuthAttemptRef, 'outcome'>): string {
  const origin = source === undefined ? undefined : `(${printable(source, 1000)})`
  return [method, fingerprint, origin].filter((part) => part !== undefined).join(' ')
}

function describeAllowed(allowed: readonly string[]): string {
  if (allowed.length === 0) return 'the server did not say what it allows'
  return `the server allows ${printable(allowed.join(', '))}`
}

function tooManyKeysHint(refusedKeys: number): string | undefined {
  if (refusedKeys < usualMaxAuthTries - 1) return undefined
  return 'the server may have counted too many keys: name the right one with identityFile and set identitiesOnly'
}

function describeProblem(problem: unknown): string {
  return problem instanceof Error ? printable(problem.message) : 'could not be used'
}

function findObstacle(problem: unknown): Obstacle | undefined {
  if (!(problem instanceof SallyportError)) return undefined
  return { code: problem.code, hint: problem.hint, cause: problem.cause }
}
