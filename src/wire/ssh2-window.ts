// How much a server may send on a channel before it hears that some of that was read (RFC 4254 5.2). ssh2 1.17 gives each
// channel 2 MiB, and says so when half of it is used up: on links with long round trips that is the limit of its speed.
// This says so eight times as often, and gives more to a channel whose sender is seen to wait though its reader keeps up.

import type { ClientChannel } from 'ssh2'
import { connectionOf, creditOf, giveCredit, watchArrivals } from './ssh2-engine-windows.js'

const mebibyte = 2 ** 20
/** What ssh2 gives by itself. */
const initialBytes = 2 * mebibyte
/** sshd keeps no more than this for a channel (channels.c), and so could not send more. */
const maxBytes = 16 * mebibyte
/** What all channels of one connection may have together above ssh2's own. */
const maxExtraBytes = 32 * mebibyte
const grantsPerWindow = 8
/** A pause in what comes in that is no accident of scheduling, in milliseconds. */
const pauseMs = 3
/** The share of the time that the sender has to have waited, over a window's worth of data, to be given more. */
const enoughWaiting = 0.25

/** How much more than ssh2's own the channels of a connection have. */
interface Budget {
  extraBytes: number
}

const budgets = new WeakMap<object, Budget>()

/** One adjustment of the window. */
interface Grant {
  /** What had been granted before, in all: where a sender stops that does not know of it yet. */
  readonly after: number
  /** It was given in good time: the sender had half a window left. */
  readonly isEarly: boolean
}

/** Looks after the window of a channel of a client that has just been opened, before anybody listens to its data. */
export function widenWindow(channel: ClientChannel): void {
  const window = new ChannelWindow(channel)
  channel.on('data', () => window.onRead())
}

/**
 * Looks after the window of a channel that has just been opened, until it closes. What is granted and what is unread are
 * never more than the window together; a channel whose reader is slow gets no more than ssh2 gives it.
 */
export class ChannelWindow {
  readonly #channel: ClientChannel
  readonly #budget: Budget
  #bytes = initialBytes
  /** All that came in. */
  #received = 0
  readonly #grants: Grant[] = []
  #lastAt = performance.now()
  /** The stretch that is judged: from when, from where, and how long the sender has waited in it. */
  #since = { at: this.#lastAt, received: 0, waitedMs: 0 }

  constructor(channel: ClientChannel) {
    const connection = connectionOf(channel)
    this.#budget = budgets.get(connection) ?? { extraBytes: 0 }
    budgets.set(connection, this.#budget)
    this.#channel = channel
    watchArrivals(channel, (length) => this.#onArrival(length))
    channel.once('close', () => {
      this.#budget.extraBytes -= this.#bytes - initialBytes
      this.#bytes = initialBytes
    })
  }

  /** The size that it has by now, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** To be called when something was read. */
  onRead(): void {
    const left = creditOf(this.#channel)
    const unread = this.#channel.readableLength + this.#channel.stderr.readableLength
    const more = this.#bytes - left - unread
    if (more < this.#bytes / grantsPerWindow) return
    this.#grants.push({ after: this.#received + left, isEarly: left >= this.#bytes / 2 })
    giveCredit(this.#channel, more)
  }

  #onArrival(length: number): void {
    const now = performance.now()
    const pause = now - this.#lastAt
    this.#lastAt = now
    const [grant] = this.#grants
    if (grant !== undefined && this.#received >= grant.after) {
      this.#grants.shift()
      const isWait = grant.isEarly && this.#received === grant.after && pause >= pauseMs
      if (isWait) this.#since.waitedMs += pause
    }
    this.#received += length
    if (this.#received - this.#since.received >= this.#bytes) this.#judge(now)
  }

  #judge(now: number): void {
    const { at, waitedMs } = this.#since
    this.#since = { at: now, received: this.#received, waitedMs: 0 }
    const more = this.#bytes
    if (waitedMs < (now - at) * enoughWaiting || this.#bytes + more > maxBytes) return
    if (this.#budget.extraBytes + more > maxExtraBytes) return
    this.#budget.extraBytes += more
    this.#bytes += more
  }
}
