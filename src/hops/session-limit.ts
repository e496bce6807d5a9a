// What one life of a hop has learned of how many sessions its server holds at once (sshd_config(5) MaxSessions): from
// refusals, and upwards again by trying one more now and then. Decides nothing about who waits.

/** Milliseconds for which a session that has ended may still count there: sshd frees it only after its channel. */
const freeingMs = 100

/** So many sessions end before one more than the limit is tried, and so many at most after tries in vain. */
const firstProbe = 16
const lastProbe = 1024

/** What a refusal means, so far. */
export type Verdict =
  /** The others of ours fill the server: one of them has to end. */
  | 'full'
  /** One that has just ended may not be freed there yet: to be tried again at once. */
  | 'not freed yet'
  /** None of ours is to blame. */
  | 'refused'

export class SessionLimit {
  #limit = Number.POSITIVE_INFINITY
  /** When the latest sessions ended, by `performance.now()`. */
  #ends: number[] = []
  #endsSinceProbe = 0
  #probeAfter = firstProbe
  #isProbing = false

  /** How many the server holds; infinite as long as it has refused none. */
  get known(): number {
    return this.#limit
  }

  /** Whether one more may be asked for while so many are there or asked for. */
  allows(held: number): boolean {
    return held < this.#limit || (held === this.#limit && this.#endsSinceProbe >= this.#probeAfter)
  }

  /** One is asked for; `held` are there or asked for before it. */
  asked(held: number): void {
    if (held < this.#limit) return
    this.#endsSinceProbe = 0
    this.#isProbing = true
  }

  /** One has started; `held` counts it. */
  started(held: number): void {
    if (held <= this.#limit) return
    this.#limit = held
    this.#isProbing = false
    this.#probeAfter = 1
  }

  /** One has ended, or was given up. */
  ended(now: number): void {
    this.#endsSinceProbe += 1
    this.#ends.push(now)
    if (this.#ends.length > 512) this.#ends = this.#ends.slice(-256)
  }

  /** One that was asked for at `sentAt` was refused while `others` of ours were there. */
  refused({ others, sentAt }: { readonly others: number; readonly sentAt: number }): Verdict {
    const recent = this.#ends.filter((endedAt) => endedAt > sentAt - freeingMs).length
    if (this.#isProbing && others >= this.#limit) {
      this.#isProbing = false
      this.#probeAfter = Math.min(lastProbe, Math.max(firstProbe, this.#probeAfter * 2))
    }
    this.#limit = Math.max(1, Math.min(this.#limit, others + recent))
    if (recent > 0) return 'not freed yet'
    return others > 0 ? 'full' : 'refused'
  }
}
