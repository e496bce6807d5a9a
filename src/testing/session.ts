// The session channels of one connection to an embedded host: commands, shells, signals, and their faults.

import type {
  OpenVerdict,
  ServedProcess,
  ServedRequest,
  ServedStatus,
  SessionHandlers,
} from '../wire/server.js'
import { isSignal, runCommand } from './commands.js'
import type { CommandContext, HostDescription } from './description.js'
import type { Faults } from './faults.js'
import type { LogEvent } from './log.js'
import { runShell } from './shell.js'

export interface SessionOptions {
  readonly hostName: string
  readonly user: string
  readonly commands: HostDescription['commands']
  readonly faults: () => Faults
  readonly log: (event: LogEvent) => void
}

/** Answers the request for a session channel. */
export function openSession(options: SessionOptions): OpenVerdict<SessionHandlers> {
  const { session } = options.faults()
  if (session === 'hang') return 'ignore'
  if (session === 'open and close') return session
  // As sshd beyond MaxSessions.
  if (session === 'refuse') return { refuse: { reason: 2, text: 'open failed' } }

  const killed = new AbortController()
  return {
    open: {
      start(request) {
        options.log({ event: 'command', user: options.user, ...logged(request) })
        const { exec } = options.faults()
        if (exec === 'refuse') return 'refuse'
        if (exec === 'hang') return 'ignore'
        return (process) => void serve(request, process, killed.signal, options)
      },
      forwardAgent: () => options.log({ event: 'agent forwarding' }),
      signal(name) {
        options.log({ event: 'signal', name })
        if (isSignal(name) && options.faults().exec !== 'ignore signals') killed.abort(name)
      },
      resize: (columns, rows) => options.log({ event: 'resize', columns, rows }),
    },
  }
}

function logged({ command, env, pty }: ServedRequest) {
  return { command, env: { ...env }, ...(pty === undefined ? {} : { pty }) }
}

async function serve(
  request: ServedRequest,
  process: ServedProcess,
  killed: AbortSignal,
  options: SessionOptions,
): Promise<void> {
  const context: CommandContext = {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: request.env,
    user: options.user,
    host: options.hostName,
    pty: request.pty,
    signal: AbortSignal.any([killed, process.closed]),
  }
  const run = (command: string, inside: CommandContext): Promise<ServedStatus> =>
    runCommand(command, inside, options.commands)
  const status = await Promise.race([
    request.command === undefined ? runShell(context, run).catch(failed) : run(request.command, context),
    death(killed),
  ])
  const { exec } = options.faults()
  await process.exit(exec === 'no status' ? undefined : status, { thenClose: exec !== 'no close' })
}

/** How a shell ends whose input was cut off. */
function failed(): ServedStatus {
  return { exitCode: 1 }
}

function death(killed: AbortSignal): Promise<ServedStatus> {
  const status = (): ServedStatus => ({ signal: String(killed.reason), coreDumped: false })
  if (killed.aborted) return Promise.resolve(status())
  return new Promise((resolve) => killed.addEventListener('abort', () => resolve(status()), { once: true }))
}
