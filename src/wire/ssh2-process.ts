// A command or a shell on an ssh2 session channel.

import { Readable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import type { SallyportError } from '../errors.js'
import { ChannelStream, closeChannel } from './ssh2-channel.js'
import { sendSignal, sendWindowSize } from './ssh2-engine.js'
import type { ProcessEnd, RemoteProcess } from './wire.js'

/** {@link RemoteProcess} over a channel on which the command has been started. */
export class ChannelProcess implements RemoteProcess {
  readonly stdin: ChannelStream
  readonly stdout: ChannelStream
  readonly stderr: Readable
  readonly end: Promise<ProcessEnd>
  readonly #channel: ClientChannel
  #fail: (error: SallyportError) => void = () => {}

  constructor(channel: ClientChannel) {
    this.#channel = channel
    const stream = new ChannelStream(channel, 'when closed')
    this.stdin = stream
    this.stdout = stream
    this.stderr = stderrOf(channel)
    this.end = this.#watchEnd()
    this.end.catch(() => {})
  }

  kill(signal: string): void {
    try {
      sendSignal(this.#channel, signal.replace(/^SIG/, ''))
    } catch {
      // The connection is gone, and the process with it.
    }
  }

  resize(columns: number, rows: number): void {
    try {
      sendWindowSize(this.#channel, columns, rows)
    } catch {
      // The connection is gone, and the terminal with it.
    }
  }

  close(): void {
    closeChannel(this.#channel)
    this.stdout.destroy()
    this.stderr.destroy()
  }

  /** Ends everything with the reason for which the session was lost. */
  lose(error: SallyportError): void {
    this.#fail(error)
    this.stdout.destroy(error)
    this.stderr.destroy(error)
  }

  async #watchEnd(): Promise<ProcessEnd> {
    let end: ProcessEnd = { exitCode: null, signal: null, coreDumped: false }
    this.#channel.on('exit', (code: number | null, signal?: string, coreDumped?: unknown) => {
      end = { exitCode: code, signal: signal ?? null, coreDumped: coreDumped === true }
    })
    const lost = new Promise<never>((_, reject) => {
      this.#fail = reject
    })
    lost.catch(() => {})
    await Promise.race([Promise.all([closed(this.stdout), closed(this.stderr)]), lost])
    return end
  }
}

function closed(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) resolve()
    else stream.once('close', resolve)
  })
}

// As ChannelStream: a stream that can be destroyed and fail, over one that cannot.
function stderrOf(channel: ClientChannel): Readable {
  const source = channel.stderr
  const stderr = new Readable({
    read: () => void source.resume(),
    destroy: (error, done) => {
      source.removeAllListeners('data')
      source.resume()
      done(error)
    },
  })
  stderr.on('error', () => {})
  source.on('error', (error: Error) => stderr.destroy(error))
  source.on('data', (data: Buffer) => {
    if (!stderr.push(data)) source.pause()
  })
  source.on('end', () => stderr.push(null))
  channel.on('close', () => {
    if (stderr.readableEnded) stderr.destroy()
    else stderr.once('end', () => stderr.destroy())
  })
  return stderr
}
