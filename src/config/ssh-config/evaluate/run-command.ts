// Runs the command of a Match exec as readconf.c does, and for no longer than it may take. Whether it may run at all is
// decided before.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { abortError } from '../../../aborted.js'
import { ConfigError, type SallyportError } from '../../../errors.js'
import { printable } from '../../../printable.js'
import { ProcessGroup } from '../../../process-group.js'
import { withoutSecrets } from '../../../secret-text.js'
import type { Env } from '../../home-path.js'

const defaultTimeoutMs = 10_000

export interface RunRequest {
  /** For the shell, with its tokens expanded. */
  readonly command: string
  /** Where it stands, for messages. */
  readonly origin: string
  readonly signal?: AbortSignal | undefined
  /** Default 10 s. */
  readonly timeoutMs?: number | undefined
  /** The environment of the command, `SHELL` among it. Default: this process's own. */
  readonly env?: Env | undefined
}

/**
 * Runs the command by `$SHELL`, else /bin/sh, without input, its output thrown away and its complaints going where ours
 * go. Resolves with its exit status, when nothing of its process group is left. Rejects with {@link ConfigError} when it
 * cannot be started, is ended by a signal (CONFIG_INVALID) or takes too long (TIMEOUT), with AbortError when aborted.
 */
export async function runCommand(request: RunRequest): Promise<number> {
  const { signal: stop, timeoutMs = defaultTimeoutMs, env = process.env } = request
  if (stop?.aborted === true) throw aborted(stop)
  const { child, exit } = start(request, env)
  if (child.pid === undefined) throw couldNotStart(request, await exit.catch((error: unknown) => error))
  const group = new ProcessGroup(child, child.pid)
  let reason: SallyportError | undefined
  const end = (error: SallyportError) => {
    reason ??= error
    void group.end()
  }
  const timer = setTimeout(() => end(tooSlow(request, timeoutMs)), timeoutMs)
  const onAbort = () => stop !== undefined && end(aborted(stop))
  stop?.addEventListener('abort', onAbort)
  try {
    const [status, signal] = await exit
    await group.end()
    if (reason !== undefined) throw reason
    if (typeof status === 'number') return status
    throw bad(request, 'CONFIG_INVALID', `was ended by ${String(signal)}`)
  } finally {
    clearTimeout(timer)
    stop?.removeEventListener('abort', onAbort)
  }
}

function start(request: RunRequest, env: Env) {
  const { SHELL: shell = '' } = env
  try {
    const args = ['-c', request.command]
    const child = spawn(shell || '/bin/sh', args, {
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
    })
    return { child, exit: once(child, 'exit') }
  } catch (error) {
    throw couldNotStart(request, error)
  }
}

function aborted(signal: AbortSignal): SallyportError {
  return abortError(signal.reason, { phase: 'resolve' })
}

// The system's error is no cause to pass on: it has the whole command, with any secret in it.
function couldNotStart(request: RunRequest, error: unknown): ConfigError {
  const why = error instanceof Error ? error.message : String(error)
  return bad(request, 'CONFIG_INVALID', `could not be started: ${printable(withoutSecrets(why))}`)
}

function tooSlow(request: RunRequest, timeoutMs: number): ConfigError {
  return bad(request, 'TIMEOUT', `did not end within ${timeoutMs} ms`)
}

function bad({ command, origin }: RunRequest, code: 'CONFIG_INVALID' | 'TIMEOUT', what: string): ConfigError {
  const message = `the command of Match exec ${what}: "${printable(withoutSecrets(command), 100)}"`
  return new ConfigError(code, `${origin}: ${message}`, {
    origin,
    phase: 'resolve',
    hint: 'run the command by hand; it must end by itself, without asking anything',
    problems: [{ origin, message }],
  })
}
