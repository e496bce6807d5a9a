// What a command of an embedded host does: its described answer, or one of the few built-in commands.

import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { ServedStatus } from '../wire/server.js'
import type {
  CommandAnswer,
  CommandContext,
  CommandProgram,
  CommandResult,
  HostDescription,
} from './description.js'

/** Runs a command to its end. Never rejects: a program that throws ends with 70 and its message on stderr. */
export async function runCommand(
  command: string,
  context: CommandContext,
  commands: HostDescription['commands'],
): Promise<ServedStatus> {
  try {
    const entry = findEntry(command, commands)
    const answer = typeof entry === 'function' ? await entry(command, context) : entry
    return await give(normalize(answer), context)
  } catch (error) {
    context.stderr.write(`sallyport/testing: the program of this command failed: ${String(error)}\n`)
    return { exitCode: 70 }
  }
}

function findEntry(
  command: string,
  commands: HostDescription['commands'] = {},
): CommandAnswer | CommandProgram {
  if (typeof commands === 'function') return commands
  return (Object.hasOwn(commands, command) ? commands[command] : undefined) ?? builtInCommand
}

/** The built-in commands; for a program that answers only some commands itself. */
export const builtInCommand: CommandProgram = async (command, { stdin, stdout, user, host }) => {
  const [name = '', ...words] = command.trim().split(/\s+/)
  switch (name) {
    case 'hostname':
      return `${host}\n`
    case 'whoami':
      return `${user}\n`
    case 'true':
      return 0
    case 'false':
      return 1
    case 'exit':
      return Number(words[0] ?? 0) & 255
    case 'echo':
      return `${command
        .trim()
        .slice(4)
        .trim()
        .replace(/^(['"])(.*)\1$/, '$2')}\n`
    case 'cat':
      for await (const chunk of stdin) {
        if (!stdout.write(chunk)) await once(stdout, 'drain')
      }
      return 0
    default:
      return { stderr: `sh: ${name}: not found\n`, exitCode: 127 }
  }
}

function normalize(answer: CommandAnswer | undefined): CommandResult {
  if (typeof answer === 'string') return { stdout: answer }
  if (typeof answer === 'number') return { exitCode: answer }
  return answer ?? {}
}

async function give(
  result: CommandResult,
  { stdout, stderr, signal }: CommandContext,
): Promise<ServedStatus> {
  if (result.delayMs !== undefined) await delay(result.delayMs, undefined, { signal })
  await Promise.all([write(stdout, result.stdout), write(stderr, result.stderr)])
  if (result.signal === undefined) return { exitCode: result.exitCode ?? 0 }
  if (!isSignal(result.signal)) throw new TypeError(`ssh has no signal ${result.signal}`)
  return { signal: result.signal, coreDumped: result.coreDumped ?? false }
}

/** Whether ssh has a signal of this name, with or without `SIG` (RFC 4254 6.10). */
export function isSignal(name: string): boolean {
  return /^(SIG)?(ABRT|ALRM|FPE|HUP|ILL|INT|KILL|PIPE|QUIT|SEGV|TERM|USR1|USR2)$/.test(name)
}

function write(stream: Writable, content: string | Uint8Array | undefined): Promise<void> {
  if (content === undefined || content.length === 0 || !stream.writable) return Promise.resolve()
  return new Promise((resolve) => {
    stream.once('close', resolve)
    stream.write(content, () => {
      stream.off('close', resolve)
      resolve()
    })
  })
}
