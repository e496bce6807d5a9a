// The outcomes of one call, kept for all who ask for them: each as it comes, in any number of loops, and all together.

import { type Deferred, deferred } from '../deferred.js'
import { SallyportError } from '../errors.js'
import { printable } from '../printable.js'
import type { GroupWork } from './group-work.js'
import { GroupError, type Member, type Outcome } from './outcome.js'

export class RunningWork<T> implements GroupWork<T> {
  readonly #stop: () => void
  /** In the order in which they came. */
  readonly #came: Outcome<T>[] = []
  readonly #byMember: Outcome<T>[] = []
  readonly #running = new Set<Member>()
  readonly #all: Deferred<readonly Outcome<T>[]> = deferred()
  #end: 'all' | { readonly error: unknown } | undefined
  #news: Deferred<void> = deferred()

  constructor(stop: () => void) {
    this.#stop = stop
    // Nobody has to ask.
    this.#all.promise.catch(() => {})
  }

  /** Its turn has come. */
  begin(member: Member): void {
    this.#running.add(member)
  }

  /** It waits for its turn again. */
  postpone(member: Member): void {
    this.#running.delete(member)
  }

  /** Adds the outcome of the member of that number. */
  give(member: number, outcome: Outcome<T>): void {
    this.#running.delete(outcome.member)
    this.#byMember[member] = Object.freeze(outcome)
    this.#came.push(outcome)
    this.#tell()
  }

  /** There is no more to come. */
  end(): void {
    this.#end ??= 'all'
    this.#all.resolve(Object.freeze([...this.#byMember]))
    this.#tell()
  }

  /** The hosts cannot be found out. */
  fail(error: unknown): void {
    this.#end ??= { error }
    this.#all.reject(error)
    this.#tell()
  }

  get running(): readonly Member[] {
    return [...this.#running]
  }

  outcomes(): Promise<readonly Outcome<T>[]> {
    return this.#all.promise
  }

  async results(): Promise<readonly T[]> {
    const outcomes = await this.#all.promise
    const values: T[] = []
    for (const outcome of outcomes) if (outcome.status === 'succeeded') values.push(outcome.value)
    if (values.length < outcomes.length) throw new GroupError(summaryOf(outcomes), outcomes)
    return Object.freeze(values)
  }

  stop(): void {
    this.#stop()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Outcome<T>, void, undefined> {
    for (let next = 0; ; next += 1) {
      let outcome = this.#came[next]
      while (outcome === undefined) {
        if (this.#end === 'all') return
        if (this.#end !== undefined) throw this.#end.error
        await this.#news.promise
        outcome = this.#came[next]
      }
      yield outcome
    }
  }

  #tell(): void {
    const news = this.#news
    this.#news = deferred()
    news.resolve()
  }
}

/** `2 of 5 hosts failed, 1 was skipped; web1: …`, with the first failure in the order of the group. */
function summaryOf(outcomes: readonly Outcome<unknown>[]): string {
  const failed = outcomes.filter((outcome) => outcome.status === 'failed')
  const skipped = outcomes.filter((outcome) => outcome.status === 'skipped').length
  const hosts = `${outcomes.length} ${outcomes.length === 1 ? 'host' : 'hosts'}`
  const counts = [
    ...(failed.length > 0 || skipped === 0 ? [`${failed.length} of ${hosts} failed`] : []),
    ...(skipped === 0 ? [] : [`${skipped}${failed.length > 0 ? '' : ` of ${hosts}`} skipped`]),
  ].join(', ')
  const [first] = failed
  if (first === undefined) return counts
  const { error, member } = first
  const what = error instanceof Error ? error.message : String(error)
  const named = error instanceof SallyportError && error.hop !== undefined
  return `${counts}; ${named ? '' : `${printable(member.host, 100)}: `}${printable(what)}`
}
