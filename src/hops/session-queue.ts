// The sessions of one life of a hop: commands, shells and subsystems. What its server refuses only because it holds as
// many of ours as it can waits here, in the order of arrival, until one of them ends.

import { abortError } from '../aborted.js'
import { type Deferred, deferred } from '../deferred.js'
import { reportWarning } from '../diagnostics.js'
import { ConnectError, type HopRef, type SallyportError } from '../errors.js'
import type { RemoteProcess, Session, StartRequest } from '../wire/wire.js'
import { SessionLimit } from './session-limit.js'

/** How often one is tried again at once, because one that has just ended may not be freed there yet. */
const retries = 4

/** Milliseconds between an end and the next: sshd refuses what stands in one packet with the end. */
const breathMs = 1

/** Milliseconds after which one that waits is tried again, though none of ours has ended. */
const patienceMs = 5000

interface Entry {
  readonly place: number
  readonly request: StartRequest
  readonly signal: AbortSignal
  readonly started: Deferred<RemoteProcess>
  /** When it was asked for last, and as which of all that were. */
  sentAt: number
  turn: number
  /** Refusals in a row. */
  refusals: number
  /** Takes it out of those that wait. */
  leave: () => void
}

export class SessionQueue {
  readonly #session: Session
  readonly #hop: HopRef
  readonly #limit = new SessionLimit()
  /** In the order of arrival. */
  readonly #waiting: Entry[] = []
  /** Those that were asked for and have neither been refused nor ended, by their turn. */
  readonly #held = new Set<number>()
  #places = 0
  #turns = 0
  #pause: NodeJS.Timeout | undefined
  #patience: NodeJS.Timeout | undefined
  #hasTold = false
  #reason: SallyportError | undefined

  constructor(session: Session, { hop }: { readonly hop: HopRef }) {
    this.#session = session
    this.#hop = hop
    void session.ended.then((error) => this.#end(error))
  }

  /** `Session.start`, once there is room. Rejects with AbortError, or the reason why the session ended, while it waits. */
  start(request: StartRequest, signal: AbortSignal): Promise<RemoteProcess> {
    const entry: Entry = {
      place: ++this.#places,
      request,
      signal,
      started: deferred(),
      sentAt: 0,
      turn: 0,
      refusals: 0,
      leave: () => {},
    }
    if (this.#waiting.length === 0 && this.#limit.allows(this.#held.size)) void this.#send(entry)
    else this.#wait(entry)
    return entry.started.promise
  }

  async #send(entry: Entry): Promise<void> {
    const turn = ++this.#turns
    entry.turn = turn
    entry.sentAt = performance.now()
    this.#limit.asked(this.#held.size)
    this.#held.add(turn)
    try {
      const process = await this.#session.start(entry.request, entry.signal)
      this.#limit.started(this.#held.size)
      entry.started.resolve(process)
      const release = (): void => this.#release(turn)
      // The server has let it go, though its output may still be to be read.
      process.stdout.once('closed there', release)
      process.end.then(release, release)
    } catch (error) {
      if (isRefusal(error)) {
        this.#onRefused(entry, error)
      } else {
        entry.started.reject(error)
        this.#release(turn)
      }
    }
  }

  #onRefused(entry: Entry, error: SallyportError): void {
    this.#held.delete(entry.turn)
    entry.refusals += 1
    // A server answers in the order in which it was asked: those that were asked for before are there.
    const others = this.#heldBefore(entry.turn)
    const verdict = this.#limit.refused({ others, sentAt: entry.sentAt })
    const isWorthwhile = verdict === 'not freed yet' && entry.refusals <= retries
    if (others === 0 && !isWorthwhile) {
      entry.started.reject(error)
      this.#admit()
      return
    }
    if (verdict === 'full') this.#tell()
    this.#wait(entry)
    if (isWorthwhile) this.#admitAfter(delayOf(entry.refusals))
    else entry.refusals = 0
  }

  #heldBefore(turn: number): number {
    let count = 0
    // In the order of their turns, and thousands may have been asked for at once.
    for (const other of this.#held) {
      if (other >= turn) break
      count += 1
    }
    return count
  }

  #admitAfter(delayMs: number): void {
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined
      this.#admit()
    }, delayMs)
  }

  #wait(entry: Entry): void {
    const { signal, place } = entry
    const gone = this.#reason ?? (signal.aborted ? this.#aborted(signal) : undefined)
    if (gone !== undefined) {
      entry.started.reject(gone)
      return
    }
    const onAbort = (): void => {
      this.#remove(entry)
      entry.started.reject(this.#aborted(signal))
    }
    signal.addEventListener('abort', onAbort)
    entry.leave = () => signal.removeEventListener('abort', onAbort)
    const before = this.#waiting.findLastIndex((other) => other.place < place)
    this.#waiting.splice(before + 1, 0, entry)
    this.#patience ??= setInterval(() => this.#sendFirst(), patienceMs)
    this.#patience.unref()
  }

  #remove(entry: Entry): void {
    entry.leave()
    const index = this.#waiting.indexOf(entry)
    if (index >= 0) this.#waiting.splice(index, 1)
    if (this.#waiting.length > 0) return
    clearInterval(this.#patience)
    this.#patience = undefined
  }

  #release(turn: number): void {
    if (!this.#held.delete(turn)) return
    this.#limit.ended(performance.now())
    if (this.#waiting.length > 0) this.#admitAfter(breathMs)
  }

  #admit(): void {
    while (this.#pause === undefined && this.#waiting.length > 0 && this.#limit.allows(this.#held.size)) {
      this.#sendFirst()
    }
  }

  #sendFirst(): void {
    const [first] = this.#waiting
    if (first === undefined) return
    this.#remove(first)
    void this.#send(first)
  }

  #end(error: SallyportError): void {
    this.#reason = error
    clearTimeout(this.#pause)
    this.#pause = undefined
    for (const entry of [...this.#waiting]) {
      this.#remove(entry)
      entry.started.reject(error)
    }
  }

  #tell(): void {
    if (this.#hasTold) return
    this.#hasTold = true
    const { known } = this.#limit
    const sessions = known === 1 ? 'one session' : `${known} sessions`
    reportWarning({ hop: this.#hop, message: `holds no more than ${sessions} at once; others wait` })
  }

  #aborted(signal: AbortSignal): SallyportError {
    return abortError(signal.reason, { hop: this.#hop, phase: 'channel' })
  }
}

/** Milliseconds until a refused one is tried again: at once at first, the refusal itself has taken time. */
function delayOf(refusals: number): number {
  return refusals === 1 ? 0 : 5 * 2 ** refusals * (0.5 + Math.random())
}

/** SSH_MSG_CHANNEL_OPEN_FAILURE with SSH_OPEN_CONNECT_FAILED, as of sshd, or SSH_OPEN_RESOURCE_SHORTAGE (RFC 4254 5.1). */
function isRefusal(error: unknown): error is ConnectError {
  return (
    error instanceof ConnectError &&
    error.code === 'CHANNEL_REFUSED' &&
    (error.reason === 2 || error.reason === 4)
  )
}
