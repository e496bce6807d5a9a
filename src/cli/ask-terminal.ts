// Asks the person at the terminal device, whatever standard input and output are. One question at a time; a secret is
// not shown while it is typed; the terminal is given back on every path.

import { once } from 'node:events'
import { closeSync, openSync, writeSync } from 'node:fs'
import { addAbortSignal } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { ReadStream } from 'node:tty'
import type { Ask, Question } from '../index.js'
import { type LineEnd, LineReader } from './line-reader.js'
import { hideAreas } from './live-area.js'

const device = '/dev/tty'

/** Whether this process has a terminal. */
export function hasTerminal(): boolean {
  try {
    closeSync(openSync(device, 'r+'))
    return true
  } catch {
    return false
  }
}

let last: Promise<unknown> = Promise.resolve()
let lastAnswered = ''

/** A secret that is asked for again was wrong; a server's own questions come with its own words. */
function wasRefused({ kind, text }: Question): boolean {
  return (kind === 'password' || kind === 'passphrase') && text === lastAnswered
}

/** Waits for the questions before; see {@link Ask}. Rejects with the reason of the question's signal. */
export const askTerminal: Ask = (question) => {
  const answer = last.then(() => askNow(question))
  last = answer.catch(() => {})
  return answer
}

async function askNow(question: Question): Promise<string | undefined> {
  const { text, echo, signal } = question
  const end = await withTerminal(echo ? 'shown' : 'hidden', async ({ input, output }) => {
    signal.throwIfAborted()
    writeSync(output, wasRefused(question) ? `not accepted, try again\n${text}` : text)
    let end: Answer | undefined
    try {
      end = await readAnswer(input, signal)
      return end
    } finally {
      if (!echo || end === undefined || end.how !== 'entered') writeSync(output, '\n')
    }
  })
  lastAnswered = text
  if (end.how === 'interrupted') await interrupt(signal)
  return end.how === 'entered' ? end.line : undefined
}

/** Where typing may be shown, the terminal's own line editing is at work; else the terminal is raw. */
async function withTerminal<T>(
  typing: 'shown' | 'hidden',
  work: (terminal: { readonly input: ReadStream; readonly output: number }) => Promise<T>,
): Promise<T> {
  const input = new ReadStream(openSync(device, 'r+'))
  input.on('error', () => {})
  const output = openSync(device, 'w')
  const showAreas = hideAreas()
  try {
    if (typing === 'hidden') input.setRawMode(true)
    return await work({ input, output })
  } finally {
    if (typing === 'hidden') input.setRawMode(false)
    input.destroy()
    closeSync(output)
    showAreas()
  }
}

interface Answer {
  readonly how: LineEnd
  readonly line: string
}

async function readAnswer(input: ReadStream, signal: AbortSignal): Promise<Answer> {
  const reader = new LineReader()
  input.setEncoding('utf8')
  for await (const keys of addAbortSignal(signal, input)) {
    const how = reader.add(keys as string)
    if (how !== undefined) return { how, line: reader.text }
  }
  return { how: 'declined', line: '' }
}

/**
 * A raw terminal makes no signal of Ctrl-C. It is made here, and ends the question by its signal as any other would; where
 * it shall end no more than what comes next, the question counts as declined.
 */
async function interrupt(signal: AbortSignal): Promise<void> {
  const delivered = once(process, 'SIGINT')
  process.kill(process.pid, 'SIGINT')
  await delivered
  // What it aborts may be several promises away.
  await setImmediate()
  signal.throwIfAborted()
}
