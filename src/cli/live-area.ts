// Lines at the bottom of a terminal that log-update draws again in place. Whatever else is written to the terminal goes
// above them. Nothing is changed about the terminal, and so there is nothing to restore: the last lines stay, the cursor
// below them. log-update is loaded by the first area; what only goes aside does not need it.

import type { WriteStream } from 'node:tty'
import type { createLogUpdate } from 'log-update'
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

type LogUpdate = ReturnType<typeof createLogUpdate>

/** Draws from its opening until it is disposed. */
export class LiveArea implements Hideable, Disposable {
  readonly #terminal: WriteStream
  readonly #draw: Draw
  readonly #log: LogUpdate
  /** How wide each of the lines on the screen is. */
  #widths: readonly number[] = []
  #hiding = 0

  static async open(terminal: WriteStream, draw: Draw): Promise<LiveArea> {
    const { createLogUpdate } = await import('log-update')
    // Hiding the cursor would be something to restore.
    const log = createLogUpdate(withSize(terminal), { showCursor: true })
    return new LiveArea(terminal, { draw, log })
  }

  private constructor(
    terminal: WriteStream,
    { draw, log }: { readonly draw: Draw; readonly log: LogUpdate },
  ) {
    this.#terminal = terminal
    this.#draw = draw
    this.#log = log
    terminal.on('resize', this.#onResize)
    shown.add(this)
    this.redraw()
  }

  redraw(): void {
    if (this.#hiding > 0 || !shown.has(this)) return
    this.#eraseBroken()
    const lines = this.#draw(sizeOf(this.#terminal))
    if (lines.length === 0) this.#log.clear()
    else this.#log(lines.join('\n'))
    this.#widths = lines.map((line) => textWidth(line.replace(colours, '')))
  }

  /** Removes the lines until the function that it returns is called. */
  hide(): () => void {
    if (this.#hiding === 0) {
      this.#eraseBroken()
      this.#log.clear()
    }
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
    this.#log.done()
  }

  readonly #onResize = (): void => this.redraw()

  /** A line may have become several when the terminal became narrower. log-update 7.2 erases as many as it has drawn. */
  #eraseBroken(): void {
    const { columns } = sizeOf(this.#terminal)
    const height = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    if (height <= this.#widths.length) return
    this.#terminal.write(`\r\u001b[${height}A${eraseBelow}`)
    this.#log.done()
    this.#widths = []
  }
}

/** A terminal that nobody has given a size says 0. */
function sizeOf({ columns, rows }: WriteStream): { readonly columns: number; readonly rows: number } {
  return { columns: columns || 80, rows: rows || 24 }
}

/** The terminal as log-update looks at it, which would take a size of 0 for one. */
function withSize(terminal: WriteStream): NodeJS.WritableStream {
  const seen: Pick<WriteStream, 'columns' | 'rows' | 'isTTY'> & Pick<NodeJS.WritableStream, 'write'> = {
    isTTY: true,
    get columns() {
      return sizeOf(terminal).columns
    },
    get rows() {
      return sizeOf(terminal).rows
    },
    write: (text: string | Uint8Array) => terminal.write(text),
  }
  return seen as unknown as NodeJS.WritableStream
}

// ECMA-48: ED, to the end; SGR, which paint.ts writes.
const eraseBelow = '\u001b[J'
const colours = /\u001b\[[\d;]*m/g
