// Joins two open streams, each with its own half-closes, so that either side sees what the other one does: its bytes,
// its end, and its reset. Who opened them, and what is told of it, is decided by others.

import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { deferred } from '../deferred.js'

/** The two streams of a connection: the one of this machine, and the one of the SSH connection. */
export interface Sides {
  readonly here: Duplex
  readonly there: Duplex
}

/**
 * Carries bytes between two streams that both allow half-closes, from now until both are gone. The end of one is the
 * end of the other's input (`shutdown(2)`), a side that fails or vanishes resets the other one, and a side that takes
 * nothing holds back the other.
 */
export class Relay {
  /** Resolves once, when both streams have closed, with what cut them short, if anything did. Never rejects. */
  readonly ended: Promise<Error | undefined>
  readonly #sides: Sides
  readonly #sent: Direction
  readonly #received: Direction
  #error: Error | undefined

  constructor(sides: Sides) {
    const { here, there } = sides
    this.#sides = sides
    this.#sent = new Direction(here, there)
    this.#received = new Direction(there, here)
    const { promise, resolve } = deferred<Error | undefined>()
    this.ended = promise
    let open = 2
    const watch = (side: Duplex, other: Duplex): void => {
      const closed = (): void => {
        open -= 1
        if (open === 0) resolve(this.#error)
        else this.#onClosed(side, other)
      }
      // A stream that was gone before it came here says so no more.
      if (side.closed) process.nextTick(closed)
      else side.once('close', closed)
    }
    // Only the first of several failures is the reason for the others.
    const failed = (error: Error): void => {
      this.#error ??= error
    }
    here.on('error', failed)
    there.on('error', failed)
    watch(here, there)
    watch(there, here)
    this.#sent.start()
    this.#received.start()
  }

  /** Bytes that were read here. */
  get bytesSent(): number {
    return this.#sent.bytes
  }

  /** Bytes that came from there. */
  get bytesReceived(): number {
    return this.#received.bytes
  }

  /** Resets both sides for this reason. */
  cut(error: Error): void {
    this.#error ??= error
    resetStream(this.#sides.here)
    resetStream(this.#sides.there)
  }

  #onClosed(side: Duplex, other: Duplex): void {
    if (other.destroyed) return
    if (side.errored !== null || !side.readableEnded) {
      this.#error ??= side.errored ?? new Error('a side was closed before it had ended')
      resetStream(other)
    } else if (!side.writableFinished || !other.readableEnded) {
      // Nobody is left to write to: what came is still delivered, and who writes on is reset by the system.
      endSoon(other)
    }
  }
}

/** The bytes of one direction. */
class Direction {
  bytes = 0
  readonly #from: Duplex
  readonly #to: Duplex

  constructor(from: Duplex, to: Duplex) {
    this.#from = from
    this.#to = to
  }

  start(): void {
    const from = this.#from
    const to = this.#to
    let isHeld = false
    to.on('drain', () => {
      if (!isHeld) return
      isHeld = false
      from.resume()
    })
    from.on('data', (chunk: Buffer) => {
      if (!to.writable) return // it is closing, and its close is on its way
      this.bytes += chunk.length
      if (to.write(chunk)) return
      isHeld = true
      from.pause()
    })
    const ended = (): void => {
      if (to.writable) to.end()
    }
    if (from.readableEnded) ended()
    else from.once('end', ended)
    // It may have been paused by whoever read its first bytes.
    from.resume()
  }
}

/** Closes a stream so that its other end sees a reset, where it has one. */
export function resetStream(stream: Duplex): void {
  if (stream.destroyed) return
  // Node 20 has resets for TCP only, and one that is asked for while an end is on its way fails without a close event.
  const isEnding = stream.writableEnded && !stream.writableFinished
  if (stream instanceof Socket && stream.remoteFamily !== undefined && !isEnding) stream.resetAndDestroy()
  else stream.destroy()
}

/** Lets a stream deliver what was written to it, and closes it. */
export function endSoon(stream: Duplex): void {
  if (stream.destroyed) return
  if (stream.writableFinished) {
    stream.destroy()
    return
  }
  stream.once('finish', () => stream.destroy())
  if (!stream.writableEnded) stream.end()
}
