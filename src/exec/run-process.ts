// Runs a process to its end, wherever it is, and gives its output: what run, sudo and local have in common. A failed
// command is an error that has the shape of a result. How the process is started is theirs.

import type { ErrorCode } from '../error-codes.js'
import {
  CommandError,
  type CommandOutcome,
  type ErrorDetails,
  type HopRef,
  SallyportError,
} from '../errors.js'
import { printable } from '../printable.js'
import type { ProcessEnd, RemoteProcess } from '../wire/wire.js'
import { answering } from './answering.js'
import { Capture } from './capture.js'
import { GivenSecrets } from './given-secrets.js'
import type { Scene, Wrap } from './hold-process.js'
import { holdInput } from './input.js'
import type { CommandResult, checkRunOptions, RunBufferOptions, RunOptions } from './run-options.js'
import { Stop } from './stop.js'

/** A command, and how it comes to run. */
export interface Errand {
  /** The command's text for its result. */
  readonly text: string
  /** Makes ready where it is to run: limits of time begin afterwards. */
  readonly open: (stop: Stop) => Promise<Site>
  /** Watches and changes what passes. */
  readonly wrap?: ((process: RemoteProcess, scene: RunScene) => RemoteProcess) | undefined
  /** Why the command never ran, by what the process said; asked before its status is judged. */
  readonly findRefusal?: ((outcome: CommandOutcome) => Refusal | undefined) | undefined
}

/** Where a process is started. */
export interface Site {
  readonly host: string
  readonly hop: HopRef | undefined
  readonly start: (
    wrap: Wrap,
  ) => Promise<{ readonly process: RemoteProcess; readonly end: Promise<ProcessEnd> }>
}

/** A failure with a code of its own. */
export interface Refusal {
  readonly code: ErrorCode
  readonly what: string
  /** The process's own words for it, as they came: what was told to it is hidden before they are shown. */
  readonly line?: string | undefined
  readonly hint?: string | undefined
}

/** What the wrap of an errand is told. */
export interface RunScene extends Scene {
  /** What was told to the process, and must not show in errors. */
  readonly secrets: GivenSecrets
  /** Ends the call with an error that has the output so far. */
  readonly fail: (refusal: Refusal) => void
  /** Keeps so many bytes at the beginning of an output out of the result. */
  readonly leaveOut: (name: 'stdout' | 'stderr', bytes: number) => void
}

/** Rejects as `run` says. `checked` is what {@link checkRunOptions} made of the options. */
export async function runProcess(
  errand: Errand,
  options: RunOptions | RunBufferOptions,
  checked: ReturnType<typeof checkRunOptions>,
): Promise<CommandResult | CommandResult<Buffer>> {
  const { maxOutputBytes, okExitCodes, encoding, responders } = checked
  const { signal, timeoutMs, input } = options
  const { text, wrap = (process) => process } = errand

  const stop = new Stop(signal)
  const source = holdInput(input, stop.now)
  const output = new Capture(options, stop.now)
  const secrets = new GivenSecrets()
  const leftOut = { stdout: 0, stderr: 0 }
  const kept = (name: 'stdout' | 'stderr'): Buffer => output[name].subarray(leftOut[name])
  try {
    const { host, hop, start } = await errand.open(stop)
    const begun = performance.now()
    const describe = ({ exitCode, signal }: Pick<ProcessEnd, 'exitCode' | 'signal'>): CommandOutcome => ({
      command: text,
      host,
      stdout: kept('stdout').toString('utf8'),
      stderr: kept('stderr').toString('utf8'),
      exitCode,
      signal,
      durationMs: performance.now() - begun,
    })
    const failure = (code: ErrorCode, what: string, outcome: CommandOutcome, details?: ErrorDetails) => {
      const [stdout, stderr] = [secrets.hide(outcome.stdout), secrets.hide(outcome.stderr)]
      return new CommandError(code, what, { ...outcome, stdout, stderr }, { hop, ...details })
    }
    const cut = (code: ErrorCode, what: string, details?: ErrorDetails): CommandError =>
      failure(code, what, describe({ exitCode: null, signal: null }), details)

    let hasStarted = false
    if (timeoutMs !== undefined) {
      stop.after(timeoutMs, () => {
        const what = hasStarted ? 'did not end' : 'was not seen to start'
        return cut('COMMAND_TIMEOUT', `the command ${what} within ${timeoutMs} ms`)
      })
    }
    const { process, end } = await start((process, scene) => {
      const fail = ({ code, what, hint }: Refusal): void => stop.now(cut(code, what, { hint }))
      const refuse = (what: string): Error => cut('RESPONSE_REFUSED', what)
      const answered = answering(responders, { refuse, secrets })(process, scene)
      const leaveOut = (name: 'stdout' | 'stderr', bytes: number): void => {
        leftOut[name] = bytes
      }
      return wrap(answered, { ...scene, secrets, fail, leaveOut })
    })
    hasStarted = true
    output.attach(process, {
      maxBytes: maxOutputBytes,
      onTooMuch: () => stop.now(cut('OUTPUT_LIMIT', `the command wrote more than ${maxOutputBytes} bytes`)),
    })
    if (responders.length === 0) source.feed(process.stdin)
    const ending = await end.catch((error: unknown) => {
      const { code, hop } = error instanceof SallyportError ? error : {}
      if (stop.signal.aborted || code === undefined) throw error
      throw cut(code, 'the connection ended before the command did', { hop, cause: error })
    })
    const outcome = describe(ending)
    const refusal = errand.findRefusal?.(outcome)
    if (refusal !== undefined) {
      const { code, what, line = '', hint } = refusal
      throw failure(code, what + firstLine(secrets.hide(line)), outcome, { hint })
    }
    const problem = findProblem(ending, okExitCodes)
    if (problem !== undefined) {
      throw failure('COMMAND_FAILED', problem + firstLine(secrets.hide(outcome.stderr)), outcome)
    }
    const bytes = encoding === 'buffer' ? { stdout: kept('stdout'), stderr: kept('stderr') } : undefined
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

function firstLine(said: string): string {
  const [line = ''] = said.trimStart().split('\n', 1)
  return line.trim() === '' ? '' : `: ${printable(line)}`
}
