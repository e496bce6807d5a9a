// Lines that are drawn again in place, on a terminal of a few lines of code that does what ECMA-48 says.

import { EventEmitter } from 'node:events'
import type { WriteStream } from 'node:tty'
import { expect, it } from 'vitest'
import { aside, hideAreas, LiveArea } from '../../../src/cli/live-area.js'

class Screen extends EventEmitter {
  columns = 20
  rows = 10
  #lines: string[] = ['']
  #at = { line: 0, column: 0 }

  write(text: string): boolean {
    for (const [part] of text.matchAll(/\u001b\[\??\d*[A-Za-z]|[^\u001b]/gs)) this.#obey(part)
    return true
  }

  #obey(part: string): void {
    const at = this.#at
    const [, count = '', command] = /^\u001b\[(\??\d*)([A-Za-z])$/.exec(part) ?? []
    // Synchronized output, and colours.
    if (count === '?2026' || command === 'm') return
    if (command === 'A') at.line = Math.max(0, at.line - Number(count || 1))
    else if (command === 'B') at.line = Math.min(this.#lines.length - 1, at.line + Number(count || 1))
    else if (command === 'G') at.column = 0
    else if (command === 'K') this.#lines[at.line] = count === '2' ? '' : this.#line.slice(0, at.column)
    else if (command === 'J') this.#lines = [...this.#lines.slice(0, at.line), this.#line.slice(0, at.column)]
    else if (command !== undefined) throw new Error(`the screen does not know ${JSON.stringify(part)}`)
    else if (part === '\r') at.column = 0
    else if (part === '\n') {
      at.line += 1
      at.column = 0
      this.#lines[at.line] ??= ''
    } else {
      this.#lines[at.line] =
        this.#line.slice(0, at.column).padEnd(at.column) + part + this.#line.slice(at.column + 1)
      at.column += 1
    }
  }

  get #line(): string {
    return this.#lines[this.#at.line] ?? ''
  }

  /** To the line of the cursor at least. */
  get shown(): readonly string[] {
    const last = this.#lines.findLastIndex((line) => line !== '')
    return this.#lines.slice(0, Math.max(last, this.#at.line) + 1)
  }
}

function terminal(): { readonly screen: Screen; readonly stream: WriteStream } {
  const screen = new Screen()
  return { screen, stream: screen as unknown as WriteStream }
}

it('they are drawn over what they were, also when they become shorter or fewer', async () => {
  const { screen, stream } = terminal()
  screen.write('before\n')
  let lines = ['a long line', 'second', 'third']
  const area = await LiveArea.open(stream, () => lines)
  expect(screen.shown).toEqual(['before', 'a long line', 'second', 'third', ''])
  lines = ['short', 'second']
  area.redraw()
  expect(screen.shown).toEqual(['before', 'short', 'second', ''])
  lines = ['last']
  area[Symbol.dispose]()
  expect(screen.shown).toEqual(['before', 'last', ''])
  expect(screen.listenerCount('resize')).toBe(0)
})

it('what is written meanwhile goes above them', async () => {
  const { screen, stream } = terminal()
  using area = await LiveArea.open(stream, () => ['one', 'two'])
  aside(() => screen.write('news\n'))
  expect(screen.shown).toEqual(['news', 'one', 'two', ''])
  const show = hideAreas()
  const showToo = hideAreas()
  area.redraw()
  expect(screen.shown).toEqual(['news', ''])
  screen.write('password:\n')
  show()
  expect(screen.shown).toEqual(['news', 'password:', ''])
  showToo()
  expect(screen.shown).toEqual(['news', 'password:', 'one', 'two', ''])
})

it('what waits to be shown again when they end is not drawn any more', async () => {
  const { screen, stream } = terminal()
  const area = await LiveArea.open(stream, () => ['one'])
  const show = hideAreas()
  area[Symbol.dispose]()
  show()
  expect(screen.shown).toEqual([''])
})

it('a line that a narrower terminal has broken is drawn over as a whole', async () => {
  const { screen, stream } = terminal()
  const lines = (size: { readonly columns: number }) => ['0123456789'.slice(0, size.columns - 1)]
  using _area = await LiveArea.open(stream, lines)
  // What a terminal makes of it that breaks lines anew.
  screen.write('\u001b[1A\u001b[J012345\n6789\n')
  screen.columns = 6
  screen.emit('resize')
  expect(screen.shown).toEqual(['01234', ''])
})

it('no colour counts as width', async () => {
  const { screen, stream } = terminal()
  screen.write('before\n')
  screen.columns = 12
  let digits = '0123456789'
  using area = await LiveArea.open(stream, () => [`\u001b[32m${digits}\u001b[39m`])
  digits = '9876543210'
  area.redraw()
  expect(screen.shown).toEqual(['before', '9876543210', ''])
})

it('a terminal that does not know its size has the usual one', async () => {
  const { screen, stream } = terminal()
  Object.assign(screen, { columns: 0, rows: 0 })
  using area = await LiveArea.open(stream, ({ columns, rows }) => [`${columns} by ${rows}`])
  area.redraw()
  expect(screen.shown).toEqual(['80 by 24', ''])
})
