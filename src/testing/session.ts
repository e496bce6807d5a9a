// The session channels of one connection to an embedded host: commands, shells, subsystems, signals, and their faults.

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
import type { FileTree } from './files/file-tree.js'
import type { LogEvent } from './log.js'
import { runShell } from './shell.js'
import { findSubsystem } from './subsystem.js'

export interface SessionOptions {
  readonly hostName: string
  readonly user: string
  readonly description: HostDescription
  readonly files: FileTree
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
        const work =
          request.subsystem === undefined
            ? commandOf(request, options)
            : subsystemOf(request.subsystem, options)
        if (typeof work === 'string') return work
        return (process) => void serve(work, { request, process, killed: killed.signal, options })
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

/** What a session does, to its end. Never rejects. */
type Work = (context: CommandContext) => Promise<ServedStatus>

function commandOf(request: ServedRequest, options: SessionOptions): Work | 'refuse' | 'ignore' {
  const { description, faults, log, user } = options
  log({ event: 'command', user, ...logged(request) })
  const { exec } = faults()
  if (exec === 'refuse') return 'refuse'
  if (exec === 'hang') return 'ignore'
  const { command } = request
  const run = (line: string, context: CommandContext): Promise<ServedStatus> =>
    runCommand(line, context, description.commands)
  if (command !== undefined) return (context) => run(command, context)
  return (context) => runShell(context, run).catch(failed)
}

function subsystemOf(name: string, options: SessionOptions): Work | 'refuse' | 'ignore' {
  options.log({ event: 'subsystem', user: options.user, name })
  const { sftp } = options.faults()
  const program = findSubsystem(name, options)
  if (program === undefined || (name === 'sftp' && sftp === 'refuse')) return 'refuse'
  if (name === 'sftp' && sftp === 'hang') return 'ignore'
  return (context) => runCommand(name, context, program)
}

function logged({ command, env, pty }: ServedRequest) {
  return { command, env: { ...env }, ...(pty === undefined ? {} : { pty }) }
}

interface Serving {
  readonly request: ServedRequest
  readonly process: ServedProcess
  readonly killed: AbortSignal
  readonly options: SessionOptions
}

async function serve(work: Work, { request, process, killed, options }: Serving): Promise<void> {
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
  const status = await Promise.race([work(context), death(killed)])
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
