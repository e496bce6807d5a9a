// Runs a command to its end and gives its output. A failed command is an error that has the shape of a result.

import type { ErrorCode } from '../error-codes.js'
import { CommandError, type CommandOutcome, type ErrorDetails, SallyportError } from '../errors.js'
import type { Acquire } from '../hops/lease.js'
import { printable } from '../printable.js'
import type { ProcessEnd } from '../wire/wire.js'
import { Capture } from './capture.js'
import { type Command, formatCommand } from './command.js'
import { commandRequest } from './command-request.js'
import { holdInput } from './input.js'
import { type CommandResult, checkRunOptions, type RunBufferOptions, type RunOptions } from './run-options.js'
import { startProcess } from './start-process.js'
import { Stop } from './stop.js'
import { surround } from './surroundings.js'

export type { CommandResult, RunBufferOptions, RunOptions }

/**
 * Runs a command and resolves with its result once it has ended and all its output is here.
 *
 * Rejects with CommandError when the command fails (COMMAND_FAILED), takes too long (COMMAND_TIMEOUT), writes too
 * much (OUTPUT_LIMIT), or is cut off with its connection (CONNECTION_LOST, CLOSED; `hop` is the one that was lost):
 * the output so far is in the error. Rejects with AbortError when aborted, like `Connection.open` when the hop
 * cannot be opened, with ConfigError where the host has a `remoteCommand`, and with the caller's own error when an
 * input, a stream or a function of the caller's fails.
 */
export function run(
  acquire: Acquire,
  command: Command,
  options: RunBufferOptions,
): Promise<CommandResult<Buffer>>
export function run(acquire: Acquire, command: Command, options?: RunOptions): Promise<CommandResult>
export async function run(
  acquire: Acquire,
  command: Command,
  options: RunOptions | RunBufferOptions = {},
): Promise<CommandResult | CommandResult<Buffer>> {
  const text = formatCommand(command)
  const { maxOutputBytes, okExitCodes, encoding } = checkRunOptions(options)
  const { signal, timeoutMs, input } = options
  const makeRequest = commandRequest(surround(text, options), options.pty)

  const stop = new Stop(signal)
  const source = holdInput(input, stop.now)
  const output = new Capture(options, stop.now)
  try {
    const lease = await stop.acquire(acquire, { check: makeRequest })
    const { hop } = lease
    const begun = performance.now()
    const describe = ({ exitCode, signal }: Pick<ProcessEnd, 'exitCode' | 'signal'>): CommandOutcome => ({
      command: text,
      host: hop.host,
      stdout: output.stdout.toString('utf8'),
      stderr: output.stderr.toString('utf8'),
      exitCode,
      signal,
      durationMs: performance.now() - begun,
    })
    const cut = (code: ErrorCode, what: string, details: ErrorDetails = { hop }): CommandError =>
      new CommandError(code, what, describe({ exitCode: null, signal: null }), details)

    if (timeoutMs !== undefined) {
      stop.after(timeoutMs, () => cut('COMMAND_TIMEOUT', `the command did not end within ${timeoutMs} ms`))
    }
    const { process, end } = await startProcess(lease, makeRequest, { kind: 'command', stop })
    output.attach(process, {
      maxBytes: maxOutputBytes,
      onTooMuch: () => stop.now(cut('OUTPUT_LIMIT', `the command wrote more than ${maxOutputBytes} bytes`)),
    })
    source.feed(process.stdin)
    const ending = await end.catch((error: unknown) => {
      const { code, hop } = error instanceof SallyportError ? error : {}
      if (stop.signal.aborted || code === undefined) throw error
      throw cut(code, 'the connection ended before the command did', { hop, cause: error })
    })
    const outcome = describe(ending)
    const problem = findProblem(ending, okExitCodes)
    if (problem !== undefined) {
      throw new CommandError('COMMAND_FAILED', problem + firstLine(outcome.stderr), outcome, { hop })
    }
    const bytes = encoding === 'buffer' ? { stdout: output.stdout, stderr: output.stderr } : undefined
    return Object.freeze(bytes === undefined ? outcome : { ...outcome, ...bytes })
  } finally {
    stop.dispose()
    output.release()
    source.release()
  }
}

/** Why this end is no success, where it is none. */
function findProblem(end: ProcessEnd, okExitCodes: readonly number[] | 'any'): string | undefined {
  const { exitCode, signal, coreDumped } = end
  if (exitCode !== null) {
    if (okExitCodes === 'any' || okExitCodes.includes(exitCode)) return undefined
    return `the command exited with status ${exitCode}`
  }
  if (signal === null) return 'the command ended, but the server gave no exit status'
  if (okExitCodes === 'any') return undefined
  return `the command was ended by ${printable(signal, 40)}${coreDumped ? ' (core dumped)' : ''}`
}

function firstLine(stderr: string): string {
  const [line = ''] = stderr.trimStart().split('\n', 1)
  return line.trim() === '' ? '' : `: ${printable(line)}`
}
