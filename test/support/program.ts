// Programs that use the library, as processes of their own: for what happens when a program ends, sleeps, is killed,
// or forgets something. The library is bundled from src/ for them, so that no build has to come first.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { RigLog } from './rig-log.js'
import { scratchDir } from './run-dir.js'

export interface ProgramEnd {
  readonly code: number | null
  readonly signal: string | null
}

export interface Program extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams
  readonly pid: number
  /** What it wrote to its standard output, and to its standard error. */
  readonly stdout: RigLog
  readonly stderr: RigLog
  /** Resolves when it has ended and all its output is here. */
  readonly ended: Promise<ProgramEnd>
}

/** Starts a program: the body of a module that has `Connection`, `connect`, `adapters`, and the `given` values. */
export type StartProgram = (body: string, options?: ProgramOptions) => Program

export interface ProgramOptions {
  /** Values for the program, as JSON can carry them. */
  readonly given?: unknown
  readonly env?: Readonly<Record<string, string>>
  readonly nodeArgs?: readonly string[]
  /** The working directory. Default: that of this process. */
  readonly cwd?: string
  /** A program and its arguments that start it: `setpriv`, `unshare`. They are followed by its own. */
  readonly under?: readonly string[]
}

/** Bundles the library. Disposing a program kills it. */
export async function bundleLibrary(): Promise<StartProgram> {
  const directory = scratchDir('program')
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: true,
      rollupOptions: { input: { index: 'src/index.ts', adapters: 'src/adapters/index.ts' } },
      ...{ outDir: directory, emptyOutDir: false, minify: false },
    },
  })
  symlinkSync(resolve('node_modules'), join(directory, 'node_modules'))
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
  let count = 0
  return (body, { given = {}, env = {}, nodeArgs = [], cwd, under = [] } = {}) => {
    const file = join(directory, `program-${++count}.js`)
    writeFileSync(
      file,
      `import { Connection, connect } from './index.js'\nimport * as adapters from './adapters.js'\nconst given = ${JSON.stringify(given)}\n${body}\n`,
    )
    const [command = '', ...args] = [...under, process.execPath, ...nodeArgs, file]
    const child = spawn(command, args, { env: { ...process.env, ...env }, cwd })
    const stdout = new RigLog(`program ${count}`)
    const stderr = new RigLog(`stderr of program ${count}`)
    stdout.follow(child.stdout)
    stderr.follow(child.stderr)
    const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }))
    return {
      child,
      pid: child.pid ?? 0,
      stdout,
      stderr,
      ended,
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL')
        await ended
      },
    }
  }
}
