// A real server from Debian as a child of the test: in a directory of its own, on a loopback port of its own, awaited
// until it says that it is ready, and gone with the test process whatever happens to that.

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Certificate } from '../docs/self-signed.js'
import { RigLog } from './rig-log.js'
import { scratchDir } from './run-dir.js'

const execute = promisify(execFile)

export interface ServerProcess extends AsyncDisposable {
  readonly log: RigLog
  /** Kills it and removes its files. Idempotent. */
  stop(): Promise<void>
}

/** Where a rig's server is reached. */
export interface ServerPlace {
  /** The name that clients use, for which its certificate is. Default `localhost`. */
  readonly name?: string
  /** Default: one of its own. */
  readonly certificate?: Certificate
  /** The address on which it listens. Default 127.0.0.1. */
  readonly address?: string
  /** Default: a free one. */
  readonly port?: number
  /** A program and its arguments that start the server, as `ip netns exec`: they are followed by its own. */
  readonly under?: readonly string[]
}

/** Where a server lives, and as whom: PostgreSQL and MariaDB refuse to be root. */
export class ServerHome {
  readonly directory: string
  readonly #under: readonly string[]
  readonly #as: readonly string[]

  /** `user` is used where the tests run as root. */
  constructor(name: string, options: { readonly user?: string; readonly under?: readonly string[] } = {}) {
    const { user, under = [] } = options
    this.#under = under
    this.directory = join(scratchDir(name), 'home')
    mkdirSync(this.directory)
    this.#as = []
    if (user === undefined || process.getuid?.() !== 0) return
    execFileSync('chown', [`${user}:`, this.directory])
    this.#as = ['--reuid', user, '--regid', user, '--init-groups']
  }

  /** Writes a file that only the server reads. */
  write(name: string, text: string): string {
    const path = join(this.directory, name)
    writeFileSync(path, text, { mode: 0o600 })
    execFileSync('chown', ['--reference', this.directory, path])
    return path
  }

  /** Runs a program to its end, as the server's user. */
  async prepare(program: string, args: readonly string[]): Promise<void> {
    await execute('setpriv', [...this.#as, '--pdeathsig', 'KILL', program, ...args], { cwd: this.directory })
  }

  /** Starts the server; resolves when its log has the line. */
  async start(program: string, args: readonly string[], ready: RegExp): Promise<ServerProcess> {
    const log = new RigLog(program)
    const words = [...this.#under, 'setpriv', ...this.#as, '--pdeathsig', 'KILL', program, ...args]
    const [first = '', ...rest] = words
    const child = spawn(first, rest, {
      cwd: this.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.on('error', (error) => log.append(`${error.message}\n`))
    child.stdout.on('data', (text: Buffer) => log.append(text.toString()))
    log.follow(child.stderr)
    const stop = (): Promise<void> => this.#stop(child)
    try {
      await log.waitFor(ready, { timeoutMs: 20_000 })
    } catch (error) {
      await stop()
      throw error
    }
    return { log, stop, [Symbol.asyncDispose]: stop }
  }

  async #stop(child: ChildProcess): Promise<void> {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGQUIT') // PostgreSQL lets go of its shared memory; it asks nobody to finish
      const patience = setTimeout(() => child.kill('SIGKILL'), 2000)
      await once(child, 'exit')
      clearTimeout(patience)
    }
    child.stdout?.destroy()
    child.stderr?.destroy()
    rmSync(this.directory, { recursive: true, force: true })
  }
}
