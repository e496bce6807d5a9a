// A dialogue with a client of a proxy, apart from any stream: a generator says what it wants to read and what it
// answers; this feeds it with bytes as they come, in whatever pieces, and keeps what comes after the request.

import type { Destination } from './proxy-destination.js'

/** What a dialogue wants next. It is resumed with the bytes that it has read, or with none after `say`. */
export type Step =
  | { readonly read: number }
  /** All bytes through the first `mark`; more than `limit` of them, the mark included, are refused. */
  | { readonly readThrough: Buffer; readonly limit: number; readonly tooLong: Refusal }
  | { readonly say: Buffer }

export type Dialogue<T = ProxyRequest> = Generator<Step, T, Buffer>

/** What a client asks for, and what there is to answer. */
export interface ProxyRequest {
  readonly protocol: 'SOCKS 4' | 'SOCKS 4a' | 'SOCKS 5' | 'HTTP'
  readonly to: Destination
  /** What tells the client that it is connected. */
  readonly granted: Buffer
  /** What tells it that it is not. */
  readonly refused: (failure: ProxyFailure) => Buffer
}

/** Why there is no connection to the destination, as far as proxies can tell it. */
export type ProxyFailure =
  | 'not permitted'
  | 'connection refused'
  | 'network unreachable'
  | 'host unreachable'
  | 'timed out'
  | 'failed'

export const nothing = Buffer.alloc(0)

/** Ends a dialogue: what the client did wrong, in words without secrets, and what it is answered. */
export class Refusal extends Error {
  readonly reply: Buffer

  constructor(what: string, reply: Buffer = nothing) {
    super(what)
    this.reply = reply
  }
}

/** What became of a piece of input. Once there is an outcome, nothing more may be given. */
export interface Heard<T> {
  /** What to send now; may be empty. */
  readonly reply: Buffer
  readonly outcome: { readonly result: T; readonly rest: Buffer } | { readonly refused: string } | undefined
}

/** A dialogue under way. */
export class Conversation<T> {
  readonly #dialogue: Dialogue<T>
  #received: Buffer = nothing
  #searched = 0
  #next: IteratorResult<Step, T> | undefined

  constructor(dialogue: Dialogue<T>) {
    this.#dialogue = dialogue
  }

  /** Takes the next piece of what the client sends. */
  hear(piece: Buffer): Heard<T> {
    this.#received = this.#received.length === 0 ? piece : Buffer.concat([this.#received, piece])
    const said: Buffer[] = []
    try {
      let next = this.#next ?? this.#dialogue.next()
      while (next.done !== true) {
        const given = this.#take(next.value)
        if (given === undefined) break
        if ('say' in next.value) said.push(next.value.say)
        next = this.#dialogue.next(given)
      }
      this.#next = next
      const outcome = next.done === true ? { result: next.value, rest: this.#received } : undefined
      return { reply: Buffer.concat(said), outcome }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { reply: Buffer.concat([...said, error.reply]), outcome: { refused: error.message } }
    }
  }

  /** What a step is resumed with; `undefined` until enough has come. */
  #take(step: Step): Buffer | undefined {
    if ('say' in step) return nothing
    if ('read' in step) return this.#received.length < step.read ? undefined : this.#cut(step.read)
    const { readThrough: mark, limit, tooLong } = step
    const at = this.#received.indexOf(mark, this.#searched)
    const end = at < 0 ? this.#received.length : at + mark.length
    if (end > limit || (at < 0 && end === limit)) throw tooLong
    this.#searched = Math.max(0, end - mark.length + 1)
    return at < 0 ? undefined : this.#cut(end)
  }

  #cut(length: number): Buffer {
    const taken = this.#received.subarray(0, length)
    this.#received = this.#received.subarray(length)
    this.#searched = 0
    return taken
  }
}
