// Runs a program to its end, or to the end of a test's patience, and tells what it said.

import { type ChildProcess, spawn } from 'node:child_process'

export interface RunProgramOptions {
  readonly cwd?: string | undefined
  /** Default: the environment of the tests. */
  readonly env?: NodeJS.ProcessEnv | undefined
  /** What it gets on standard input; default nothing. Left open when there is an `act`. */
  readonly input?: string | undefined
  /** What is done once, as soon as standard output `shows` something. */
  readonly when?: { readonly shows: RegExp; readonly act: (child: ChildProcess) => void } | undefined
}

export interface Ended {
  readonly stdout: string
  readonly stderr: string
  /** `null` when it was killed. */
  readonly exitCode: number | null
}

const patienceMs = 60_000

/** Resolves however the program ends; rejects when it could not be started. It is killed after a minute. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: RunProgramOptions = {},
): Promise<Ended> {
  const { cwd, env, input = '', when } = options
  const child = spawn(program, args, { cwd, env, timeout: patienceMs, killSignal: 'SIGKILL' })
  let stdout = ''
  let stderr = ''
  let acted = when === undefined
  child.stdin.on('error', () => {}) // it need not read what it is given
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (when === undefined || acted || !when.shows.test(stdout)) return
    acted = true
    when.act(child)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  if (when === undefined) child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode) => resolve({ stdout, stderr, exitCode }))
  })
}
