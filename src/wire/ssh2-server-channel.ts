// A channel of ssh2's server as plain streams: with half-closes, back-pressure, and an end on every path.
//
// Why ssh2's own stream is not handed out: its `end()` sends EOF and CLOSE together, a write to a closed channel
// never calls back, and `close` is not emitted while there is unread data (ssh2 1.17).

import { Duplex, Readable, Writable } from 'node:stream'
import type { ServerChannel } from 'ssh2'
import type { ServedProcess, ServedStatus } from './server.js'
import { closeChannel } from './ssh2-channel.js'

/** What ssh2 keeps of a write that waits for the window, and never forgets. */
interface PendingWrites {
  _chunk?: Buffer | undefined
  _chunkcb?: unknown
  _chunkErr?: Buffer | undefined
  _chunkcbErr?: unknown
}

/** A forwarded connection. Ending it sends EOF; CLOSE follows when both directions have ended, or it is destroyed. */
export class ServedStream extends Duplex {
  readonly #channel: ServerChannel

  constructor(channel: ServerChannel) {
    super()
    this.#channel = channel
    this.on('error', () => {})
    feed(channel, this)
    channel.on('close', () => this.#onClose())
  }

  override _read(): void {
    this.#channel.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#channel.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#channel.eof()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    letGo(this.#channel)
    done(error)
  }

  // Both sides have closed. What came in before stays readable.
  #onClose(): void {
    if (this.readableEnded) this.destroy()
    else this.once('end', () => this.destroy())
    this.end()
  }
}

/** The streams of a command on `channel`; `closed` is aborted by the caller, who hears of it first. */
export function serveProcess(channel: ServerChannel, closed: AbortController): ServedProcess {
  const stdin = new Readable({ read: () => channel.resume() })
  const send = sender(channel)
  const stdout = new Writable({ write: (chunk, _encoding, done) => send(channel, chunk, done) })
  const stderr = new Writable({ write: (chunk, _encoding, done) => send(channel.stderr, chunk, done) })
  for (const stream of [stdin, stdout, stderr]) stream.on('error', () => {})
  feed(channel, stdin)
  closed.signal.addEventListener('abort', () => {
    for (const stream of [stdin, stdout, stderr]) stream.destroy()
    letGo(channel)
  })
  return {
    stdin,
    stdout,
    stderr,
    closed: closed.signal,
    async exit(status, { thenClose }) {
      await Promise.all([flushed(stdout), flushed(stderr)])
      if (closed.signal.aborted) return
      sendStatus(channel, status)
      channel.eof()
      if (thenClose) letGo(channel)
    },
  }
}

/** Says CLOSE without waiting for the other side; unread data is thrown away so that ssh2 lets go of the channel. */
function letGo(channel: ServerChannel): void {
  closeChannel(channel)
  // Reading on would widen the window of a channel that is closed, which ssh2 1.17 throws for on a dead connection.
  Object.assign(channel.outgoing as object, { state: 'closed' })
  channel.removeAllListeners('data')
  channel.resume()
}

function feed(channel: ServerChannel, target: Readable): void {
  channel.on('error', () => {})
  channel.stderr.on('error', () => {})
  channel.on('data', (chunk: Buffer) => {
    if (!target.push(chunk)) channel.pause()
  })
  channel.on('end', () => {
    if (!target.destroyed) target.push(null)
  })
}

/**
 * One write at a time over both streams, and ssh2's memory of it wiped. ssh2 1.17 would send a chunk of stdout that
 * once waited for the window again when later one of stderr waits; a test with 3 MiB on both tells when that is mended.
 */
function sender(channel: ServerChannel & PendingWrites) {
  let last = Promise.resolve()
  return (target: Writable, chunk: Buffer, done: () => void): void => {
    last = last
      .then(() => new Promise<void>((sent) => target.write(chunk, () => sent())))
      // On a dead connection writes throw; the streams have been destroyed by then.
      .catch(() => {})
      .then(() => {
        channel._chunk = undefined
        channel._chunkcb = undefined
        channel._chunkErr = undefined
        channel._chunkcbErr = undefined
        done()
      })
  }
}

function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableFinished) return resolve()
    stream.once('close', () => resolve())
    stream.end(() => resolve())
  })
}

function sendStatus(channel: ServerChannel, status: ServedStatus | undefined): void {
  if (status === undefined) return
  if ('exitCode' in status) channel.exit(status.exitCode)
  else channel.exit(status.signal, status.coreDumped)
}
