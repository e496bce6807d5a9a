// The terminal on this side while a shell has it: raw, passing keys, output and the window's size, and given back after.

import process from 'node:process'
import { finished, type Readable, type Writable } from 'node:stream'
import { flow } from './flow.js'
import type { OpenProcess } from './open-process.js'

/** A stream that is a terminal, or may be one. */
export interface TerminalInput extends Readable {
  readonly isTTY?: boolean
  readonly isRaw?: boolean
  setRawMode?(raw: boolean): unknown
}

export interface TerminalOutput extends Writable {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

export interface WindowSize {
  readonly columns: number
  readonly rows: number
}

/**
 * Joins the streams of a shell to the terminal, which keeps its mode when there is none on the other side. The function
 * that it returns gives the terminal back: input paused, its mode as it was, no listener left. The process's exit gives it back, too. Failing streams stop the shell.
 */
export function joinTerminal(
  { process: remote, hasTerminal, stop }: OpenProcess,
  terminal: {
    readonly stdin: TerminalInput
    readonly stdout: TerminalOutput
    readonly size: () => WindowSize
  },
): () => void {
  const { stdin, stdout, size } = terminal
  const giveBackMode = hasTerminal ? makeRaw(stdin) : () => {}
  const onError = (error: unknown): void => stop.now(error)
  const onResize = (): void => {
    if (hasTerminal) remote.resize(size().columns, size().rows)
  }
  stdout.on('error', onError).on('resize', onResize)
  const releases = [
    finished(stdin, { writable: false }, (error) => (error ? onError(error) : remote.stdin.end())),
    flow(remote.stdout, stdout, { whenClosed: 'discard' }),
    flow(remote.stderr, stdout, { whenClosed: 'discard' }),
    flow(stdin, remote.stdin, { whenClosed: 'pause' }),
  ]
  return () => {
    for (const release of releases) release()
    stdout.off('error', onError).off('resize', onResize)
    stdin.pause()
    giveBackMode()
  }
}

function makeRaw(stdin: TerminalInput): () => void {
  if (!stdin.isTTY || stdin.setRawMode === undefined) return () => {}
  const wasRaw = stdin.isRaw === true
  const giveBack = (): void => {
    process.off('exit', giveBack)
    try {
      stdin.setRawMode?.(wasRaw)
    } catch {
      // The terminal is gone: nobody is left to give it back to.
    }
  }
  stdin.setRawMode(true)
  process.once('exit', giveBack)
  return giveBack
}
