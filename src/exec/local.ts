// A command on this machine, with the options and the result of a remote one. It runs in a process group of its own,
// without a terminal.

import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { CommandError } from '../errors.js'
import { addLivingGroup, removeLivingGroup, signalGroup } from '../living-groups.js'
import { printable } from '../printable.js'
import { ProcessGroup } from '../process-group.js'
import type { ProcessEnd, RemoteProcess } from '../wire/wire.js'
import { type Command, formatCommand } from './command.js'
import { holdProcess } from './hold-process.js'
import { type CommandResult, checkRunOptions, type RunOptions, runOptionNames } from './run-options.js'
import { runProcess, type Site } from './run-process.js'
import type { Stop } from './stop.js'
import { checkSurroundings } from './surroundings.js'

/** `cwd` is relative to this process's own, and `env` is added to this process's variables. */
export type LocalOptions = Omit<RunOptions, 'pty' | 'encoding'>

const { pty: _pty, encoding: _encoding, ...names } = runOptionNames

/**
 * Runs a command here: a list without a shell, text by `/bin/sh -c`. Rejects as `Connection.run` does; `host` is
 * `localhost`, and a program that is not there is COMMAND_FAILED without an exit status. A command that is stopped is
 * ended with all of its process group (SIGHUP, SIGTERM after 500 ms, SIGKILL after 2 s) before the call rejects.
 */
export async function local(command: Command, options: LocalOptions = {}): Promise<CommandResult> {
  const text = formatCommand(command)
  const checked = checkRunOptions(options, names)
  checkSurroundings(options)
  const [program = '', ...args] = Array.isArray(command)
    ? (command as readonly string[])
    : ['/bin/sh', '-c', text]
  const site = async (stop: Stop): Promise<Site> => {
    stop.signal.throwIfAborted()
    return {
      host: 'localhost',
      hop: undefined,
      start: async (wrap) => {
        const running = await start(text, [program, ...args], options)
        const wrapped = wrap(running, { hop: undefined, stop, hasTerminal: false })
        const end = holdProcess(wrapped, { stop, onEnd: () => {} }).catch(async (error: unknown) => {
          await running.gone
          throw error
        })
        return { process: wrapped, end }
      },
    }
  }
  return (await runProcess({ text, open: site }, options, checked)) as CommandResult
}

async function start(
  text: string,
  [program = '', ...args]: readonly string[],
  { cwd, env }: LocalOptions,
): Promise<LocalProcess> {
  try {
    const variables = { ...process.env, ...env }
    const child = spawn(program, args, { cwd, env: variables, detached: true, stdio: 'pipe' })
    await once(child, 'spawn')
    return new LocalProcess(child)
  } catch (cause) {
    const outcome = { stdout: '', stderr: '', exitCode: null, signal: null, durationMs: 0 }
    const why = printable(cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause))
    const what = `the command could not be started: ${why}`
    throw new CommandError(
      'COMMAND_FAILED',
      what,
      { command: text, host: 'localhost', ...outcome },
      { cause },
    )
  }
}

/** A child of this process as a process of a hop. */
class LocalProcess implements RemoteProcess {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  readonly end: Promise<ProcessEnd>
  readonly #child: ChildProcess
  readonly #pid: number
  #gone: Promise<void> = Promise.resolve()

  constructor(child: ChildProcessWithoutNullStreams) {
    const { stdin, stdout, stderr, pid = 0 } = child
    this.stdin = stdin
    this.stdout = stdout
    this.stderr = stderr
    this.#child = child
    this.#pid = pid
    for (const stream of [stdin, stdout, stderr]) stream.on('error', () => {})
    child.on('error', () => {})
    addLivingGroup(pid)
    this.end = new Promise((resolve) => {
      child.once('close', (exitCode, signal) => {
        removeLivingGroup(pid)
        resolve({ exitCode, signal, coreDumped: false })
      })
    })
  }

  /** When nothing is left of a process that was closed. */
  get gone(): Promise<void> {
    return this.#gone
  }

  kill(): void {}

  resize(): void {}

  close(): void {
    const { exitCode, signalCode } = this.#child
    const hasExited = exitCode !== null || signalCode !== null
    if (hasExited && !signalGroup(this.#pid, 0)) return
    this.#gone = new ProcessGroup(this.#child, this.#pid).end()
  }
}
