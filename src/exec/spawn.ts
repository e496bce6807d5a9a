// Starts a command and hands out its streams while it runs.

import type { Readable, Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { CallOptions } from '../dialer.js'
import { SallyportError } from '../errors.js'
import type { Acquire } from '../hops/lease.js'
import {
  callOptionNames,
  checkCount,
  checkDuration,
  checkNames,
  checkOption,
  checkSignal,
} from '../option-check.js'
import type { ProcessEnd } from '../wire/wire.js'
import { answering } from './answering.js'
import { type Command, formatCommand } from './command.js'
import { commandRequest } from './command-request.js'
import { GivenSecrets } from './given-secrets.js'
import { readLines } from './lines.js'
import { type OpenProcess, openProcess } from './open-process.js'
import { checkResponders, type Responding, refuseResponse } from './responders.js'
import { type Surroundings, surround, surroundingNames } from './surroundings.js'
import type { PtyOption } from './terminal-request.js'

export type { ProcessEnd }

export interface SpawnOptions extends CallOptions, Surroundings, Responding {
  /** Aborting it ends the command, too, as `close` does: its streams and `wait` fail with AbortError. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until the command has started, the opening of the hop included. Default: no limit. */
  readonly timeoutMs?: number | undefined
  /** Run on a terminal, where stdout and stderr are one. Default: only where the host has `requestTty: 'force'`. */
  readonly pty?: PtyOption | undefined
  /** The longest line that iterating may give; a longer one stops the command (OUTPUT_LIMIT). Default 1 MiB. */
  readonly maxLineBytes?: number | undefined
}

const names: Readonly<Record<keyof SpawnOptions, true>> = {
  ...callOptionNames,
  ...surroundingNames,
  pty: true,
  maxLineBytes: true,
  responders: true,
}

/**
 * A command that is running. Iterating it gives the lines of its stdout as text; a loop may be left and another go on
 * from there. The hop counts as used until the command has ended and its output was read, or until `close`.
 */
export interface RunningCommand extends AsyncIterable<string, void, undefined>, AsyncDisposable {
  /** The command's text as it was given. */
  readonly command: string
  readonly host: string
  /** End it when there is no more input. */
  readonly stdin: Writable
  /** Read it, `resume` it, or iterate the command: one that nobody reads makes the command wait. */
  readonly stdout: Readable
  /** As stdout; while lines are iterated, a stderr that nobody has begun to read is discarded. */
  readonly stderr: Readable
  /**
   * Waits for the end, whatever it is; output that nobody reads by the next turn of the event loop is discarded.
   * Rejects when the end was not the command's own: with the error of the lost session, AbortError, or CLOSED.
   */
  wait(): Promise<ProcessEnd>
  /** Sends a signal, by default TERM. Many servers ignore it, and some commands. */
  kill(signal?: string): void
  /** Sends TERM and closes the channel, without waiting for the other side. Idempotent. */
  close(): Promise<void>
}

/**
 * Starts a command; resolves once it runs. Rejects like `Connection.open`, with CHANNEL_REFUSED, TIMEOUT, AbortError, or
 * ConfigError where the host has a `remoteCommand`. The caller ends the command by `wait`, `close` or `await using`.
 */
export async function spawn(
  acquire: Acquire,
  command: Command,
  options: SpawnOptions = {},
): Promise<RunningCommand> {
  const text = formatCommand(command)
  checkNames(options, names)
  const { signal, timeoutMs, maxLineBytes = 1024 * 1024 } = options
  checkSignal(signal)
  checkDuration('timeoutMs', timeoutMs)
  checkCount('maxLineBytes', maxLineBytes)
  const makeRequest = commandRequest(surround(text, options), options.pty)
  const wrap = answering(checkResponders(options.responders), {
    refuse: refuseResponse,
    secrets: new GivenSecrets(),
  })
  const open = await openProcess(acquire, makeRequest, { kind: 'command', signal, timeoutMs, wrap })
  return new SpawnedCommand(text, open, maxLineBytes)
}

class SpawnedCommand implements RunningCommand {
  readonly command: string
  readonly host: string
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  readonly #open: OpenProcess
  readonly #lines: AsyncGenerator<string, void, undefined>
  #iterating = false
  #discarding = false

  constructor(command: string, open: OpenProcess, maxLineBytes: number) {
    const { process, hop } = open
    this.command = command
    this.host = hop.host
    this.stdin = process.stdin
    this.stdout = process.stdout
    this.stderr = process.stderr
    this.#open = open
    this.#lines = readLines(process.stdout, { maxLineBytes, tooLong: () => this.#tooLong(maxLineBytes) })
  }

  [Symbol.asyncIterator](): AsyncIterator<string, void, undefined> {
    this.#iterating = true
    if (isUnread(this.stderr)) this.stderr.resume()
    return {
      next: () => this.#lines.next(),
      return: async () => {
        this.#iterating = false
        if (this.#discarding) await this.#discard()
        return { done: true, value: undefined }
      },
    }
  }

  async wait(): Promise<ProcessEnd> {
    await setImmediate()
    this.#discarding = true
    if (!this.#iterating) await this.#discard()
    return this.#open.end
  }

  kill(signal = 'TERM'): void {
    checkOption('signal', typeof signal === 'string' && /^[A-Z0-9]+$/.test(signal), 'the name of a signal')
    this.#open.process.kill(signal)
  }

  async close(): Promise<void> {
    this.#open.stop.now(
      new SallyportError('CLOSED', 'the command was closed before its end', { hop: this.#open.hop }),
    )
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #discard(): Promise<void> {
    await this.#lines.return()
    // A stream whose iterator has left it says so in the next turn.
    await setImmediate()
    for (const stream of [this.stdout, this.stderr]) if (isUnread(stream)) stream.resume()
  }

  #tooLong(maxLineBytes: number): Error {
    const what = `the command wrote a line of more than ${maxLineBytes} bytes`
    const error = new SallyportError('OUTPUT_LIMIT', what, { hop: this.#open.hop, phase: 'session' })
    this.#open.stop.now(error)
    return error
  }
}

function isUnread(stream: Readable): boolean {
  return stream.readableFlowing === null
}
