// The built command as a child process: with pipes, or on a pseudo-terminal made by script(1) of util-linux.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { RigLog } from '../support/rig-log.js'

/** The program that package.json names. */
export const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/**
 * sshd_config lines for a server whose commands and shells show what was asked for and nothing else: no debugging lines
 * on their standard error, which the rig's own level brings, and none of the start-up files of whoever runs the tests.
 */
export function quietServer(home: string): readonly string[] {
  return ['LogLevel INFO', `SetEnv HOME=${home}`]
}

export interface ProgramOptions {
  /** Standard input; default nothing. `open` leaves it open. */
  readonly input?: string | Buffer | 'open'
  readonly env?: NodeJS.ProcessEnv
  /** Where it runs. Default: where the tests do. */
  readonly cwd?: string
}

export interface ProgramResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
}

/** A child without a controlling terminal, so that it never asks the person who runs the tests. */
export function start(args: readonly string[], options: ProgramOptions = {}): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [program, ...args], {
    detached: true,
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
  })
  child.stdin.on('error', () => {})
  const { input = '' } = options
  if (input !== 'open') child.stdin.end(input)
  return child
}

/** Waits for the end of a child, and gives all that it wrote. */
export async function ended(child: ChildProcessWithoutNullStreams): Promise<ProgramResult> {
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  const [exitCode] = (await once(child, 'close')) as [number | null]
  child.stdin.destroy()
  return { stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString(), exitCode }
}

export function sallyport(args: readonly string[], options?: ProgramOptions): Promise<ProgramResult> {
  return ended(start(args, options))
}

/** A session at a terminal: `sh` text that is run on a pseudo-terminal, where $sallyport is the program. */
export class Terminal implements AsyncDisposable {
  /** All that the terminal shows, by lines; a prompt is a line once something follows it. */
  readonly screen = new RigLog('terminal')
  readonly #child: ChildProcessWithoutNullStreams
  readonly #closed: Promise<unknown>
  #shown = ''
  #hasClosed = false
  #changed: () => void = () => {}

  constructor(shellText: string, env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn('script', ['--quiet', '--return', '--flush', '--command', shellText, '/dev/null'], {
      env: {
        ...process.env,
        SHELL: '/bin/sh',
        TERM: 'xterm',
        sallyport: `${process.execPath} ${program}`,
        ...env,
      },
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#shown += chunk.toString()
        this.screen.append(chunk.toString())
        this.#changed()
      })
    }
    this.#child.stdin.on('error', () => {})
    this.#closed = once(this.#child, 'close').then(() => {
      this.#hasClosed = true
      this.#changed()
    })
  }

  get shown(): string {
    return this.#shown
  }

  /** Waits until the terminal shows this. The test's own limit ends the wait. */
  async shows(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#shown)) {
      if (this.#hasClosed) throw new Error(`never shown: ${pattern}\n${this.#shown}`)
      await new Promise<void>((resolve) => {
        this.#changed = resolve
      })
    }
  }

  type(keys: string): void {
    this.#child.stdin.write(keys)
  }

  /** Waits for the end; gives the exit code of the text. */
  async end(): Promise<number | null> {
    await this.#closed
    return this.#child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.destroy()
    this.#child.kill('SIGKILL')
    await this.#closed
    this.screen.end()
  }
}
