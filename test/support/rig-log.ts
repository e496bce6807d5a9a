// What a rig's process said: kept, searchable, awaitable, and shown only when a test fails (setup.ts does that).

import type { Readable } from 'node:stream'

export interface LogLine {
  readonly at: Date
  readonly text: string
}

interface Waiter {
  readonly pattern: RegExp
  readonly found: (match: RegExpMatchArray) => void
  readonly missed: (why: string) => void
}

const logs = new Set<RigLog>()

export class RigLog {
  readonly name: string
  readonly #lines: LogLine[] = []
  readonly #waiters = new Set<Waiter>()
  #rest = ''
  #ended = false

  constructor(name: string) {
    this.name = name
    logs.add(this)
  }

  /** Takes all that the stream says, to its end. */
  follow(stream: Readable): void {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => this.append(text))
    stream.on('error', () => this.end())
    stream.on('close', () => this.end())
  }

  append(text: string): void {
    const parts = (this.#rest + text).split(/\r*\n/)
    this.#rest = parts.pop() ?? ''
    for (const part of parts) this.#add(part)
  }

  /** Nothing more will come; whoever still waits is told so. */
  end(): void {
    if (this.#rest !== '') this.#add(this.#rest)
    this.#rest = ''
    this.#ended = true
    for (const waiter of this.#waiters) waiter.missed('the log ended')
  }

  get ended(): boolean {
    return this.#ended
  }

  lines(): readonly LogLine[] {
    return this.#lines
  }

  /**
   * The first line, past or future, that matches. Rejects with the log's tail after `timeoutMs` (default 5000)
   * or when the log ends.
   */
  waitFor(pattern: RegExp, options: { readonly timeoutMs?: number } = {}): Promise<RegExpMatchArray> {
    for (const { text } of this.#lines) {
      const match = text.match(pattern)
      if (match !== null) return Promise.resolve(match)
    }
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
      }
      const waiter: Waiter = {
        pattern,
        found: (match) => {
          settle()
          resolve(match)
        },
        missed: (why) => {
          settle()
          reject(new Error(`${this.name} never said ${pattern}: ${why}\n${this.tail()}`))
        },
      }
      const timer = setTimeout(() => waiter.missed('time ran out'), options.timeoutMs ?? 5000)
      this.#waiters.add(waiter)
      if (this.#ended) waiter.missed('the log ended')
    })
  }

  /** The last lines, for an error message or a failed test. */
  tail(count = 40): string {
    return this.#lines
      .slice(-count)
      .map(({ text }) => `  ${text}`)
      .join('\n')
  }

  #add(text: string): void {
    this.#lines.push({ at: new Date(), text })
    for (const waiter of this.#waiters) {
      const match = text.match(waiter.pattern)
      if (match !== null) waiter.found(match)
    }
  }
}

/** What every rig of this process said, for a test that failed. */
export function rigLogReport(): string {
  return [...logs].map((log) => `--- ${log.name} ---\n${log.tail()}\n`).join('')
}

/** Lets go of the logs that have ended: they belong to the tests before. */
export function forgetEndedLogs(): void {
  for (const log of logs) if (log.ended) logs.delete(log)
}
