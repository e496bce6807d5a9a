// The command on one member of a group: its output goes where the group's goes, and how it ended is its outcome.

import { CommandError, type Connection, type ProcessEnd, printable, type RunningCommand } from '../index.js'
import type { MemberOutput, StreamName } from './group-output.js'

export interface MemberCommand {
  readonly command: string
  readonly output: MemberOutput
  readonly signal: AbortSignal
}

/** Resolves when the command has succeeded and its output is taken; it gets no input. Rejects like `Connection.run`. */
export async function runCommand(
  connection: Connection,
  { command, output, signal }: MemberCommand,
): Promise<void> {
  const startedAt = performance.now()
  try {
    const running = await connection.spawn(command, { signal })
    const end = await passOut(running, output)
    const problem = findProblem(end)
    if (problem === undefined) return
    const durationMs = performance.now() - startedAt
    const { exitCode, signal: by } = end
    const outcome = {
      command,
      host: connection.host,
      stdout: '',
      stderr: '',
      exitCode,
      signal: by,
      durationMs,
    }
    throw new CommandError('COMMAND_FAILED', `${connection.host}: ${problem}`, outcome)
  } finally {
    await output.end()
  }
}

async function passOut(running: RunningCommand, output: MemberOutput): Promise<ProcessEnd> {
  running.stdin.end()
  const pass = async (stream: StreamName): Promise<void> => {
    for await (const chunk of running[stream]) await output.write(stream, chunk as Buffer)
  }
  const all = [pass('stdout'), pass('stderr'), running.wait()] as const
  try {
    const [, , end] = await Promise.all(all)
    return end
  } finally {
    await running.close()
    await Promise.allSettled(all)
  }
}

function findProblem({ exitCode, signal, coreDumped }: ProcessEnd): string | undefined {
  if (exitCode === 0) return undefined
  if (exitCode !== null) return `the command exited with status ${exitCode}`
  if (signal === null) return 'the command ended, but the server gave no exit status'
  return `the command was ended by ${printable(signal, 40)}${coreDumped ? ' (core dumped)' : ''}`
}
