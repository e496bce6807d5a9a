// What `run` accepts, with its defaults, and what it gives back.

import type { CallOptions } from '../dialer.js'
import type { CommandOutcome } from '../errors.js'
import {
  callOptionNames,
  checkCount,
  checkDuration,
  checkFunction,
  checkNames,
  checkOption,
  checkSignal,
  checkStream,
} from '../option-check.js'
import type { LiveOutput } from './capture.js'
import type { CommandInput } from './input.js'
import { checkResponders, type Responding } from './responders.js'
import { type Surroundings, surroundingNames } from './surroundings.js'
import type { PtyOption } from './terminal-request.js'

export interface RunOptions extends CallOptions, Surroundings, LiveOutput, Responding {
  /**
   * Milliseconds for the command on an open hop, waiting for a session of its server included: opening the hop has
   * limits of its own. Then the command is sent TERM, its channel is closed, and the call rejects with COMMAND_TIMEOUT,
   * whose message tells one that did not end from one that was not seen to start. A command that ignores TERM, or never
   * gets it (sshd passes no signals on to the commands of root), goes on without its channel; with `pty` it is sent HUP
   * then. Default: no limit.
   */
  readonly timeoutMs?: number | undefined
  /**
   * The command's standard input; default none. It need not be read, and a source is released at the end. Not together
   * with `responders`, which need it.
   */
  readonly input?: CommandInput | undefined
  /** Run on a terminal, where stdout and stderr are one. Default: only where the host has `requestTty: 'force'`. */
  readonly pty?: PtyOption | undefined
  /** Bytes of stdout and stderr together; more is OUTPUT_LIMIT and stops the command. Default 16 MiB. */
  readonly maxOutputBytes?: number | undefined
  /**
   * The exit statuses that are success. Default `[0]`. `'any'` accepts every status and every signal, but not an end
   * of which the server told neither.
   */
  readonly okExitCodes?: readonly number[] | 'any' | undefined
  /** The result has text, decoded as UTF-8. For the very bytes see {@link RunBufferOptions}. */
  readonly encoding?: 'utf8' | undefined
}

/** As {@link RunOptions}, for a result whose stdout and stderr are bytes. */
export interface RunBufferOptions extends Omit<RunOptions, 'encoding'> {
  readonly encoding: 'buffer'
}

/** How a command went. Frozen. */
export interface CommandResult<Output extends string | Buffer = string>
  extends Omit<CommandOutcome, 'stdout' | 'stderr'> {
  readonly stdout: Output
  readonly stderr: Output
}

/** The names of {@link RunOptions}. */
export const runOptionNames: Readonly<Record<keyof RunOptions, true>> = {
  ...callOptionNames,
  ...surroundingNames,
  onStdout: true,
  onStderr: true,
  stdout: true,
  stderr: true,
  input: true,
  pty: true,
  maxOutputBytes: true,
  okExitCodes: true,
  encoding: true,
  responders: true,
}

/** Fills in the defaults. Throws TypeError for values of the wrong type, and for options that are not among `names`. */
export function checkRunOptions(
  options: RunOptions | RunBufferOptions,
  names: Readonly<Record<string, true>> = runOptionNames,
) {
  checkNames(options, names)
  const { maxOutputBytes = 16 * 1024 * 1024, okExitCodes = [0], encoding = 'utf8', input } = options
  checkSignal(options.signal)
  checkDuration('timeoutMs', options.timeoutMs)
  checkCount('maxOutputBytes', maxOutputBytes)
  checkFunction('onStdout', options.onStdout)
  checkFunction('onStderr', options.onStderr)
  checkStream('stdout', options.stdout, 'write')
  checkStream('stderr', options.stderr, 'write')
  checkOption('encoding', ['utf8', 'buffer'].includes(encoding), 'utf8 or buffer')
  checkOption(
    'okExitCodes',
    okExitCodes === 'any' || (Array.isArray(okExitCodes) && okExitCodes.every(Number.isInteger)),
    'a list of numbers, or any',
  )
  checkOption(
    'input',
    input === undefined || isInput(input),
    'a string, bytes, a stream or an async iterable',
  )
  const responders = checkResponders(options.responders)
  checkOption('input', input === undefined || responders.length === 0, 'left out where there are responders')
  return { maxOutputBytes, okExitCodes, encoding, responders }
}

function isInput(input: unknown): boolean {
  if (typeof input === 'string' || input instanceof Uint8Array) return true
  return typeof input === 'object' && input !== null && Symbol.asyncIterator in input
}
