// What a terminal shows, from what was written to it: a terminal of a few lines of code that does what ECMA-48 says.

import { EventEmitter } from 'node:events'
import type { WriteStream } from 'node:tty'

/** Stands for a terminal as a stream. Throws at an escape that it does not know, so that none is missed. */
export class Screen extends EventEmitter {
  readonly isTTY = true
  columns: number
  rows = 24
  /** All that was written. */
  written = ''
  readonly #lines: string[][] = [[]]
  #line = 0
  #column = 0

  constructor(columns = 80) {
    super()
    this.columns = columns
  }

  get stream(): WriteStream {
    return this as unknown as WriteStream
  }

  /** Its lines, without blanks at their ends. */
  get shown(): readonly string[] {
    return this.#lines.map((line) => line.join('').trimEnd())
  }

  write(text: string): boolean {
    this.written += text
    for (const [part] of text.matchAll(/\u001b\[[?\d;]*[A-Za-z]|./gsu)) this.#obey(part)
    return true
  }

  #obey(part: string): void {
    const [, count = '', command] = /^\u001b\[(\d*)([A-Za-z])$/.exec(part) ?? []
    if (command !== undefined) this.#steer(command, Number(count))
    else if (part === '\r') this.#column = 0
    else if (part === '\n') this.#move(1)
    else if (/\p{Cc}/u.test(part)) throw new Error(`the screen does not know ${JSON.stringify(part)}`)
    else this.#put(part)
  }

  #steer(command: string, count: number): void {
    if (command === 'A') this.#line = Math.max(0, this.#line - Math.max(1, count))
    else if (command === 'G') this.#column = Math.max(1, count) - 1
    else if (command === 'K' && count === 0) this.#current.splice(this.#column)
    else if (command === 'J' && count === 0) {
      this.#current.splice(this.#column)
      this.#lines.splice(this.#line + 1)
    } else throw new Error(`the screen does not know CSI ${count} ${command}`)
  }

  #put(character: string): void {
    if (this.#column >= this.columns) this.#move(1)
    const line = this.#current
    while (line.length < this.#column) line.push(' ')
    line[this.#column] = character
    this.#column += 1
  }

  #move(lines: number): void {
    this.#line += lines
    this.#column = 0
    while (this.#lines.length <= this.#line) this.#lines.push([])
  }

  get #current(): string[] {
    const line = this.#lines[this.#line]
    if (line === undefined) throw new Error('the cursor is on no line')
    return line
  }
}
