// Lines at the bottom of a terminal that are drawn again in place. Whatever else is written to the terminal goes above
// them. Nothing is changed about the terminal, and so there is nothing to restore: the last lines stay, the cursor
// below them.

import type { WriteStream } from 'node:tty'
import { textWidth } from './text-width.js'

/** Gives the lines for a terminal of this size. */
export type Draw = (size: { readonly columns: number; readonly rows: number }) => readonly string[]

/** Something on the terminal that can be taken away for a while. */
export interface Hideable {
  /** Removes it until the function that it returns is called. */
  hide(): () => void
}

const shown = new Set<Hideable>()

/** Has something that draws by itself taken away with the areas, until the function that it returns is called. */
export function hideWithAreas(one: Hideable): () => void {
  shown.add(one)
  return () => void shown.delete(one)
}

/** Does something that writes to the terminal, with the areas out of the way. */
export function aside(write: () => void): void {
  const restores = hideAreas()
  try {
    write()
  } finally {
    restores()
  }
}

/** Takes the areas away until the function that it returns is called. */
export function hideAreas(): () => void {
  const hidden = [...shown].map((area) => area.hide())
  return () => {
    for (const restore of hidden) restore()
  }
}

/** Draws from its making until it is disposed. */
export class LiveArea implements Hideable, Disposable {
  readonly #terminal: WriteStream
  readonly #draw: Draw
  /** How wide each of the lines on the screen is. */
  #widths: readonly number[] = []
  #hiding = 0

  constructor(terminal: WriteStream, draw: Draw) {
    this.#terminal = terminal
    this.#draw = draw
    terminal.on('resize', this.#onResize)
    shown.add(this)
    this.redraw()
  }

  redraw(): void {
    if (this.#hiding > 0 || !shown.has(this)) return
    const lines = this.#draw(this.#size)
    const text = lines.map((line) => `${line}${eraseLine}\n`).join('')
    this.#terminal.write(`${this.#up()}${text}${eraseBelow}`)
    this.#widths = lines.map((line) => textWidth(line.replace(colours, '')))
  }

  /** Removes the lines until the function that it returns is called. */
  hide(): () => void {
    if (this.#hiding === 0) this.#terminal.write(`${this.#up()}${eraseBelow}`)
    this.#hiding += 1
    this.#widths = []
    let isHidden = true
    return () => {
      if (!isHidden) return
      isHidden = false
      this.#hiding -= 1
      this.redraw()
    }
  }

  [Symbol.dispose](): void {
    this.redraw()
    this.#terminal.off('resize', this.#onResize)
    shown.delete(this)
  }

  readonly #onResize = (): void => this.redraw()

  /** A terminal that nobody has given a size says 0. */
  get #size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = this.#terminal
    return { columns: columns || 80, rows: rows || 24 }
  }

  /** To the first column of the first line. A line may have become several when the terminal became narrower. */
  #up(): string {
    const { columns } = this.#size
    const height = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    return height === 0 ? '\r' : `\r\u001b[${height}A`
  }
}

// ECMA-48: EL and ED, to the end; SGR, which paint.ts writes.
const eraseLine = '\u001b[K'
const eraseBelow = '\u001b[J'
const colours = /\u001b\[[\d;]*m/g
