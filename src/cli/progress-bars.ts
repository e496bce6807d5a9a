// Progress on a terminal: the file that is under way, and below it, where there are several, all of them. cli-progress
// says when to draw, and tells the time that is left; what a line says is progress-line.ts's. What is done stays there.

import type { WriteStream } from 'node:tty'
import cliProgress, { type MultiBar, type Options } from 'cli-progress'
import type { TransferProgress, TransferResult } from '../index.js'
import { hideWithAreas } from './live-area.js'
import { type Amount, BarLine, drawBar, drawLine } from './progress-bar-line.js'
import { progressLine } from './progress-line.js'
import { ProgressScreen } from './progress-screen.js'

export interface ProgressBarsOptions {
  /** How many names the command line has. */
  readonly count: number
  /** Of all of them, where that is known before. */
  readonly totalBytes: number | undefined
}

const options: Options = {
  format: drawLine,
  fps: 10,
  // Samples, one each time that a line is drawn: of some five seconds.
  etaBuffer: 50,
  etaAsynchronousUpdate: true,
  // Others write to the terminal, too.
  forceRedraw: true,
  clearOnComplete: true,
  gracefulExit: false,
  // Leaves the terminal as it is: the lines fit.
  linewrap: true,
}

export class ProgressBars {
  readonly #terminal: WriteStream
  readonly #options: ProgressBarsOptions
  #begun = 0
  /** Of the names that are done. */
  #bytesBefore = 0
  #current: LiveBars | undefined

  constructor(terminal: WriteStream, given: ProgressBarsOptions) {
    this.#terminal = terminal
    this.#options = given
  }

  /** The next name of the command line has its turn. */
  begin(name: string): void {
    this.#begun += 1
    this.#current = new LiveBars(new ProgressScreen(this.#terminal), name)
  }

  update({ path, bytes, totalBytes, all }: TransferProgress): void {
    const bars = this.#current
    if (bars === undefined) return
    const { count, totalBytes: expected } = this.#options
    const isOneOfMany = all.totalBytes !== totalBytes || all.files > 1
    bars.showFile({ name: isOneOfMany ? path : bars.name, bytes, totalBytes })
    bars.bytes = all.bytes
    if (count === 1 && !isOneOfMany) return
    bars.showAll({
      name: count > 1 ? `${this.#begun} of ${count}` : bars.name,
      bytes: (count > 1 ? this.#bytesBefore : 0) + all.bytes,
      totalBytes: count > 1 ? expected : all.totalBytes,
      files: isOneOfMany ? all.files : undefined,
    })
  }

  /** What was copied keeps a line. */
  end(result: TransferResult | undefined): void {
    const bars = this.#current
    this.#current = undefined
    if (bars === undefined) return
    bars.stop()
    this.#bytesBefore += bars.bytes
    if (result === undefined) return
    const { name, bytes } = bars
    const seconds = result.durationMs / 1000
    const rate = result.bytes / Math.max(0.001, seconds)
    const line = progressLine(
      { name, bytes, totalBytes: bytes, rate, seconds },
      { columns: this.#terminal.columns || 80, bar: (width) => drawBar(1, width) },
    )
    this.#terminal.write(`${line}\n`)
  }
}

/** The lines of one name of the command line. */
class LiveBars {
  readonly name: string
  /** Of all files under this name. */
  bytes = 0
  readonly #screen: ProgressScreen
  readonly #bars: MultiBar
  readonly #file: BarLine
  #all: BarLine | undefined
  readonly #release: () => void

  constructor(screen: ProgressScreen, name: string) {
    this.name = name
    this.#screen = screen
    this.#bars = new cliProgress.MultiBar({ ...options, stream: screen })
    this.#file = new BarLine(this.#bars, { name, bytes: 0, totalBytes: undefined })
    this.#release = hideWithAreas({ hide: () => this.#hide() })
  }

  showFile(amount: Amount): void {
    this.#file.update(amount)
  }

  showAll(amount: Amount): void {
    this.#all ??= new BarLine(this.#bars, amount)
    this.#all.update(amount)
  }

  /** Takes the lines away. */
  stop(): void {
    this.#release()
    this.#bars.stop()
  }

  #hide(): () => void {
    const restore = this.#screen.hide(this.#all === undefined ? 1 : 2)
    return () => {
      restore()
      this.#bars.update()
    }
  }
}
