// One ssh2 channel as a well-behaved stream: it can be destroyed, fails when its session is lost, and keeps
// back-pressure and half-closes.

import { Duplex } from 'node:stream'
import type { Channel } from 'ssh2'
import { markClosed } from './ssh2-engine.js'

type Callback = (error?: Error | null) => void

/**
 * A Duplex over an ssh2 channel. ssh2 1.17's own stream never calls back a write on a closed channel, its `destroy`
 * leaves it readable, and it ends without an error when the connection is lost.
 */
export class ChannelStream extends Duplex {
  readonly #channel: Channel
  #hasClosed = false

  /** `closes`: when it has ended in both directions, or not before the other side closes: an exit status may follow. */
  constructor(channel: Channel, closes: 'when ended' | 'when closed') {
    super({ allowHalfOpen: true, autoDestroy: closes === 'when ended' })
    this.#channel = channel
    this.on('error', () => {})
    channel.on('error', (error: Error) => this.destroy(error))
    channel.on('data', (data: Buffer) => {
      if (!this.push(data)) channel.pause()
    })
    channel.on('end', () => this.push(null))
    channel.on('closed there', () => this.emit('closed there'))
    channel.on('close', () => this.#onClose())
  }

  override _read(): void {
    this.#channel.resume()
  }

  // What comes after the end of a command is no failure of the output that is still to be read: only its writer is told.
  override write(chunk: unknown, encoding?: BufferEncoding | Callback, callback?: Callback): boolean {
    if (!this.#hasClosed) return super.write(chunk, encoding as BufferEncoding, callback)
    const done = typeof encoding === 'function' ? encoding : callback
    if (done !== undefined) process.nextTick(done, brokenPipe())
    return false
  }

  override _write(data: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#channel.write(data, encoding, (error) => {
      // It fails when the other side has just closed, which is no failure of what there is to be read. The end follows.
      if (!error) done()
    })
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#channel.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#channel.removeAllListeners('data')
    // What still comes in until the other side has closed is read and dropped.
    this.#channel.resume()
    closeChannel(this.#channel)
    done(error)
  }

  // Both sides have closed. What was read stays readable; nothing more can be written.
  #onClose(): void {
    this.#hasClosed = true
    if (this.readableEnded) this.destroy()
    else this.once('end', () => this.destroy())
    if (!this.writableFinished) this.end()
  }
}

/**
 * Sends SSH_MSG_CHANNEL_CLOSE unless the connection is gone already. Nothing is written for this channel afterwards:
 * ssh2 1.17 would throw from a later tick, where nobody can catch it, when the connection is gone by then.
 */
export function closeChannel(channel: Channel): void {
  try {
    channel.close()
  } catch {
    // The connection is gone: there is nothing left to close.
  }
  markClosed(channel)
}

function brokenPipe(): NodeJS.ErrnoException {
  return Object.assign(new Error('write EPIPE: the other side has closed'), {
    code: 'EPIPE',
    syscall: 'write',
  })
}
