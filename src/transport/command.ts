// Runs a ProxyCommand as OpenSSH does (ssh_config(5) ProxyCommand) and says what went wrong with it.
// The command is used as it is given: tokens are expanded, and values checked, where the route is made.

import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { abortError } from '../aborted.js'
import { type HopRef, type Phase, ProxyCommandError } from '../errors.js'
import { printable } from '../printable.js'
import type { ExpandedCommand } from '../route/proxy-command.js'
import { type CommandEnd, CommandStream } from './command-stream.js'
import type { Link } from './link.js'
import { requireDescriptors } from './require-descriptors.js'

export interface CommandRequest {
  /** Text for the user's shell, or a program with its arguments, which needs no shell. */
  readonly command: ExpandedCommand
  /** Goes into every error. */
  readonly hop: HopRef
  readonly signal: AbortSignal
  /** The environment of the command. Default: this process's own. */
  readonly env?: NodeJS.ProcessEnv | undefined
  /** What the hop is doing when the command ends, for the error. Default: `dial`. */
  readonly phase?: (() => Phase) | undefined
}

/**
 * Starts the command in a session of its own, so that Ctrl-C does not reach it before we do; hence it has no terminal to
 * ask at. Resolves as soon as it runs: a command that ends by itself, at whatever time, destroys the stream with
 * {@link ProxyCommandError}. Rejects with that when it cannot be started. `close` ends the group and resolves when it
 * is gone, after 3 s at most.
 */
export async function openCommand(request: CommandRequest): Promise<Link> {
  const { hop, signal } = request
  if (signal.aborted) throw abortError(signal.reason, { hop, phase: 'dial' })
  const child = start(request)
  const { pid } = child
  if (pid === undefined) throw couldNotStart(request, await startError(child))
  const stream = new CommandStream(child, pid, (end) => endedByItself(request, end))
  return {
    stream,
    description: `process ${pid}`,
    ref: () => stream.ref(),
    unref: () => stream.unref(),
    close: () => stream.close(),
  }
}

function start(request: CommandRequest): ChildProcessWithoutNullStreams {
  const { command, env = process.env } = request
  const { SHELL: shell = '' } = env
  const [program = '', ...args] =
    'argv' in command ? command.argv : [shell || '/bin/sh', '-c', `exec ${command.shell}`]
  try {
    requireDescriptors()
    return spawn(program, args, { detached: true, stdio: 'pipe', env: withShellLevel(env) })
  } catch (error) {
    throw couldNotStart(request, error)
  }
}

// Node gives a child sockets where OpenSSH gives it pipes, and bash takes a socket for a sign of rshd: it would read
// ~/.bashrc (bash(1) INVOCATION), whose output would come before the server's, unless it is the shell of a shell.
function withShellLevel(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Number(env['SHLVL']) >= 1 ? env : { ...env, SHLVL: '1' }
}

async function startError(child: ChildProcess): Promise<unknown> {
  const [error] = await once(child, 'error')
  // There are no pipes when the descriptors ran out after all.
  for (const stream of child.stdio ?? []) stream?.destroy()
  return error
}

function couldNotStart(request: CommandRequest, error: unknown): ProxyCommandError {
  const why = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  // The arguments may hold secrets.
  if (error instanceof Error) Reflect.deleteProperty(error, 'spawnargs')
  return new ProxyCommandError(
    `the ProxyCommand could not be started: ${printable(why)}`,
    {
      hop: request.hop,
      phase: 'dial',
      hint: code === 'ENOENT' || code === 'EACCES' ? hintNotRunnable(request.command) : undefined,
      cause: error,
    },
    { exitCode: null, signal: null, stderrTail: '' },
  )
}

function endedByItself(request: CommandRequest, end: CommandEnd): ProxyCommandError {
  const { exitCode, signal, stderrTail } = end
  const lastLine = stderrTail.trimEnd().split('\n').at(-1) ?? ''
  const how =
    signal !== null
      ? `was ended by ${signal}`
      : exitCode !== null
        ? `exited with status ${exitCode}`
        : 'closed the stream without exiting'
  return new ProxyCommandError(
    `the ProxyCommand ${how}${lastLine === '' ? '' : `: ${printable(lastLine)}`}`,
    {
      hop: request.hop,
      phase: request.phase?.() ?? 'dial',
      hint:
        exitCode === 126 || exitCode === 127
          ? hintNotRunnable(request.command)
          : wantedToAsk.test(stderrTail)
            ? hintNobodyToAsk
            : undefined,
    },
    end,
  )
}

// What programs say that find no terminal, and what ssh says when it has given up asking.
const wantedToAsk =
  /\/dev\/tty|askpass|Host key verification failed|Permission denied(?:, please try again| \()/i
const hintNobodyToAsk =
  'a ProxyCommand has no terminal to ask at: give it its keys by an agent, and its host key by known_hosts, or use proxyJump (-J)'

function hintNotRunnable(command: ExpandedCommand): string {
  const text = 'argv' in command ? command.argv.join(' ') : command.shell.trim()
  return /^([\w.-]+@)?[a-z0-9][a-z0-9.-]*(:\d+)?$/i.test(text)
    ? `a gateway given as text is a command; to jump through the host ${text}, write proxyJump: '${text}'`
    : 'check that the command is installed, executable and in the PATH'
}
