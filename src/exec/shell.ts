// An interactive shell: a terminal here joined to a terminal there, and given back as it was on every path.

import type { Readable, Writable } from 'node:stream'
import type { CallOptions } from '../dialer.js'
import { SallyportError } from '../errors.js'
import type { Acquire } from '../hops/lease.js'
import { callOptionNames, checkDuration, checkNames, checkSignal, checkStream } from '../option-check.js'
import type { ProcessEnd } from '../wire/wire.js'
import { answering } from './answering.js'
import { type Command, formatCommand } from './command.js'
import { checkCommandAllowed, checkSessionAllowed, type MakeRequest } from './command-request.js'
import { GivenSecrets } from './given-secrets.js'
import { joinTerminal, type TerminalInput, type TerminalOutput, type WindowSize } from './join-terminal.js'
import { openProcess } from './open-process.js'
import { checkResponders, type Responding, refuseResponse } from './responders.js'
import { makePtyRequest } from './terminal-request.js'

/**
 * Giving any of stdin, stdout, columns, rows and term asks for a remote terminal even where there is none here, unless
 * the host has `requestTty: 'no'`.
 */
export interface ShellOptions extends CallOptions, Responding {
  /** Aborting it ends the shell as well. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until the shell has started, the opening of the hop included. Default: no limit. */
  readonly timeoutMs?: number | undefined
  /** Run this in place of the login shell. Default: the `remoteCommand` of the host, which allows no other. */
  readonly command?: Command | undefined
  /** Default `process.stdin`. When it is a terminal it is raw while the shell lasts; it is paused afterwards. */
  readonly stdin?: Readable | undefined
  /** Default `process.stdout`. Its `columns`, `rows` and `resize` event give the window's size. Not ended. */
  readonly stdout?: Writable | undefined
  /** The window's size. Default: that of stdout, or 80 and 24. */
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  /** Default: TERM of this process, or `xterm`. */
  readonly term?: string | undefined
}

const names: Readonly<Record<keyof ShellOptions, true>> = {
  ...callOptionNames,
  command: true,
  stdin: true,
  stdout: true,
  columns: true,
  rows: true,
  term: true,
  responders: true,
}

/**
 * Joins the terminal to a shell on the other side until that ends, and resolves with how it ended. Rejects with
 * TERMINAL_NEEDED, like `Connection.open`, with the error of a session that was lost, or with AbortError.
 */
export async function shell(acquire: Acquire, options: ShellOptions = {}): Promise<ProcessEnd> {
  checkNames(options, names)
  const { signal, timeoutMs } = options
  checkSignal(signal)
  checkDuration('timeoutMs', timeoutMs)
  checkStream('stdin', options.stdin, 'read')
  checkStream('stdout', options.stdout, 'write')
  const stdin: TerminalInput = options.stdin ?? process.stdin
  const stdout: TerminalOutput = options.stdout ?? process.stdout
  const size = (): WindowSize => ({
    columns: options.columns ?? (stdout.columns || 80),
    rows: options.rows ?? (stdout.rows || 24),
  })
  const isTerminal = stdin.isTTY === true && stdout.isTTY === true
  const makeRequest = shellRequest(options, { isTerminal, size })
  const wrap = answering(checkResponders(options.responders), {
    refuse: refuseResponse,
    secrets: new GivenSecrets(),
  })
  const open = await openProcess(acquire, makeRequest, { kind: 'shell', signal, timeoutMs, wrap })
  let leave = (): void => {}
  try {
    leave = joinTerminal(open, { stdin, stdout, size })
    return await open.end
  } catch (error) {
    open.stop.now(error)
    throw error
  } finally {
    leave()
  }
}

/** The request for a shell. Throws for options that cannot be at once, and when a terminal is needed that is not there. */
function shellRequest(
  options: ShellOptions,
  { isTerminal, size }: { readonly isTerminal: boolean; readonly size: () => WindowSize },
): MakeRequest {
  const text = options.command === undefined ? undefined : formatCommand(options.command)
  const { TERM } = process.env
  const makePty = (term = TERM || 'xterm') => makePtyRequest({ ...size(), term: options.term ?? term })
  makePty()
  return (terms) => {
    const { env, requestTty, remoteCommand } = terms
    if (text === undefined) checkSessionAllowed(terms)
    else checkCommandAllowed(terms)
    const request = { command: text ?? remoteCommand, env }
    if (requestTty === 'no') return { ...request, pty: undefined }
    if (isTerminal || requestTty === 'force' || asksForTerminal(options)) {
      return { ...request, pty: makePty(env['TERM']) }
    }
    throw new SallyportError('TERMINAL_NEEDED', 'a shell needs a terminal, and there is none')
  }
}

function asksForTerminal({ stdin, stdout, columns, rows, term }: ShellOptions): boolean {
  return [stdin, stdout, columns, rows, term].some((option) => option !== undefined)
}
