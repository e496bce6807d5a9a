// One call on a group, from its members to its last outcome: who they are, whose turn it is, and when it is all over.

import { setMaxListeners } from 'node:events'
import type { CallOptions } from '../dialer.js'
import { AbortError, SallyportError } from '../errors.js'
import { HeldGateways } from './held-gateways.js'
import { Openings } from './openings.js'
import type { Outcome } from './outcome.js'
import type { FullPace } from './pace.js'
import type { Entry } from './roster.js'
import { RunningWork } from './running-work.js'
import { Schedule, type TurnEnd } from './schedule.js'
import { type Turn, type TurnResult, takeTurn } from './take-turn.js'

/** What is to be done. */
export interface CallRequest<T> {
  readonly pace: FullPace
  /** The caller's: aborts everything. */
  readonly signal: AbortSignal | undefined
  /** For the opening of each member and its work together. */
  readonly timeoutMs?: number | undefined
  readonly work: (turn: Turn) => Promise<T>
  /** Says which members cannot even begin, by their ids, and why. */
  readonly refuse?: ((entries: readonly Entry[]) => ReadonlyMap<string, unknown>) | undefined
  /** Lets go of what the caller gave, when there is no more work. */
  readonly release?: (() => void) | undefined
}

/** A call that is under way. */
export class Call<T> {
  readonly work: RunningWork<T>
  /** Resolves when nothing of it is left; never rejects. */
  readonly over: Promise<void>
  readonly #request: CallRequest<T>
  readonly #controller = new AbortController()
  readonly #openings = new Openings()
  readonly #gateways = new HeldGateways()
  #schedule: Schedule | undefined
  #isStopped = false

  constructor(request: CallRequest<T>, find: (call: CallOptions) => Promise<readonly Entry[]>) {
    this.#request = request
    this.work = new RunningWork(() => this.#stop())
    // One listener on the caller's signal; all members listen to this one.
    setMaxListeners(0, this.#controller.signal)
    const { signal } = request
    const onAbort = (): void => this.abort(signal?.reason)
    if (signal?.aborted === true) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    this.over = this.#run(find).finally(() => signal?.removeEventListener('abort', onAbort))
  }

  /** Ends it: who is at work is aborted, and nobody begins any more. */
  abort(reason: unknown): void {
    this.#controller.abort(reason)
    this.#stop()
  }

  #stop(): void {
    this.#isStopped = true
    this.#schedule?.stop()
  }

  async #run(find: (call: CallOptions) => Promise<readonly Entry[]>): Promise<void> {
    const { refuse, release = () => {} } = this.#request
    try {
      const entries = await find({ signal: this.#controller.signal })
      await this.#workThrough(entries, refuse?.(entries) ?? new Map<string, unknown>())
      await this.#gateways.release()
      release()
      this.work.end()
    } catch (error) {
      release()
      this.work.fail(error)
    }
  }

  #workThrough(entries: readonly Entry[], refused: ReadonlyMap<string, unknown>): Promise<void> {
    const at = (index: number): Entry => {
      const entry = entries[index]
      if (entry === undefined) throw new RangeError(`the group has no member ${index}`)
      return entry
    }
    this.#schedule = new Schedule(entries.length, this.#request.pace, {
      take: (index, { mayWait }) => {
        const entry = at(index)
        const { id } = entry.member
        const problem = 'error' in entry ? entry : refused.has(id) ? { error: refused.get(id) } : undefined
        return this.#take(index, { entry, problem, mayWait })
      },
      skip: (index, reason) => {
        const { member } = at(index)
        this.work.give(index, { status: 'skipped', member, reason, durationMs: 0 })
      },
    })
    if (this.#isStopped) this.#schedule.stop()
    return this.#schedule.run()
  }

  async #take(index: number, { entry, problem, mayWait }: Placed): Promise<TurnEnd> {
    const startedAt = performance.now()
    const { member } = entry
    let end: TurnEnd = 'postponed'
    const tell = (result: TurnResult<T>): void => {
      if (result === undefined) return
      const durationMs = performance.now() - startedAt
      const outcome: Outcome<T> =
        'error' in result
          ? { status: 'failed', member, error: this.#asAborted(result.error), durationMs }
          : { status: 'succeeded', member, value: result.value, durationMs }
      end = outcome.status
      this.work.give(index, outcome)
    }
    if (problem !== undefined) tell({ error: problem.error })
    else if ('connection' in entry) {
      const { work, timeoutMs } = this.#request
      const { signal } = this.#controller
      const options = { openings: this.#openings, gateways: this.#gateways, signal, timeoutMs, mayWait, work }
      this.work.begin(member)
      await takeTurn(entry, options, tell)
      if (end === 'postponed') this.work.postpone(member)
    }
    return end
  }

  /** Who was aborted because the group was closed is told so. */
  #asAborted(error: unknown): unknown {
    const { reason } = this.#controller.signal
    if (!(error instanceof AbortError && reason instanceof SallyportError)) return error
    return new SallyportError(reason.code, reason.message, {
      hop: error.hop,
      phase: error.phase,
      cause: error,
    })
  }
}

interface Placed {
  readonly entry: Entry
  /** Why it cannot begin. */
  readonly problem: { readonly error: unknown } | undefined
  readonly mayWait: boolean
}
