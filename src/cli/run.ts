// `sallyport run`: a command's streams joined to this process's own, at the pace of the slower side.

import { finished, pipeline } from 'node:stream/promises'
import { type Connection, type ProcessEnd, printable, SallyportError, type Settings } from '../index.js'
import type { Invocation } from './command-line.js'
import { drain, openForwards, targetSettings } from './configured-forwards.js'
import type { Interruption } from './interruption.js'
import { withConnection } from './with-connection.js'

export function run(invocation: Invocation): Promise<number> {
  const command = invocation.words.join(' ')
  const has = (letter: string): boolean => invocation.flags.some((flag) => flag.letter === letter)
  const stdin = has('-n') || process.stdin.isTTY ? undefined : process.stdin
  return withConnection(invocation, async (connection, { interruption }) => {
    const { signal } = interruption
    const settings = await targetSettings(connection, signal)
    const forwards = await openForwards(connection, signal)
    const end = wantsTerminal(settings?.requestTty)
      ? await connection.shell({ command, stdin: process.stdin, signal })
      : await runPlain(connection, command, { stdin, interruption })
    await drain(forwards, signal)
    return exitCodeOf(end, connection.host)
  })
}

// As with ssh: a command gets a terminal only where one is asked for, and, unless it is forced, only where there is one.
function wantsTerminal(requestTty: Settings['requestTty'] | undefined): boolean {
  if (requestTty === 'force') return true
  if (requestTty !== 'yes') return false
  if (process.stdin.isTTY) return true
  process.stderr.write('sallyport: warning: no terminal for the command, since standard input is none\n')
  return false
}

async function runPlain(
  connection: Connection,
  command: string,
  {
    stdin,
    interruption,
  }: { readonly stdin: NodeJS.ReadStream | undefined; readonly interruption: Interruption },
): Promise<ProcessEnd> {
  const running = await connection.spawn(command, { signal: interruption.signal })
  const inputFailed = new Promise<never>((_, reject) => stdin?.once('error', reject))
  inputFailed.catch(() => {})
  if (stdin === undefined) running.stdin.end()
  // Not by pipeline: that the command does not read its input is no error of the input.
  else stdin.pipe(running.stdin)
  try {
    const passing = [
      passOn(running.stdout, process.stdout, interruption),
      passOnWhileRead(running.stderr, process.stderr),
    ]
    const ended = Promise.all([running.wait(), ...passing])
    const [end] = await Promise.race([ended, inputFailed])
    return end
  } finally {
    stdin?.destroy()
    await running.close()
  }
}

async function passOn(
  source: NodeJS.ReadableStream,
  sink: NodeJS.WritableStream,
  interruption: Interruption,
): Promise<void> {
  try {
    await pipeline(source, sink, { end: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') interruption.interrupt('SIGPIPE')
    throw error
  }
}

// As with ssh: that nobody reads standard error any more ends nothing. The rest is dropped.
async function passOnWhileRead(source: NodeJS.ReadableStream, sink: NodeJS.WritableStream): Promise<void> {
  const drop = (): void => void source.resume()
  source.pipe(sink, { end: false })
  sink.on('error', drop)
  try {
    await finished(source)
  } finally {
    sink.off('error', drop)
  }
}

/** The command's exit code; throws when it has none. */
export function exitCodeOf({ exitCode, signal, coreDumped }: ProcessEnd, host: string): number {
  if (exitCode !== null) return exitCode
  const how =
    signal === null
      ? 'ended, but the server gave no exit status'
      : `was ended by ${printable(signal, 40)}${coreDumped ? ' (core dumped)' : ''}`
  throw new SallyportError('COMMAND_FAILED', `${host}: the command ${how}`)
}
