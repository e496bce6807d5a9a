// One bar of cli-progress: what it has come to, and how fast it goes.

import cliProgress, { type MultiBar, type Options, type Params } from 'cli-progress'
import { progressLine } from './progress-line.js'
import { ProgressRate } from './progress-rate.js'

export interface Amount {
  readonly name: string
  readonly bytes: number
  readonly totalBytes: number | undefined
  /** How many are done, where they are counted. */
  readonly files?: number | undefined
}

const longestBar = 40

export class BarLine {
  readonly #bar: ReturnType<MultiBar['create']>
  #amount: Amount
  #rate = new ProgressRate()

  constructor(bars: MultiBar, amount: Amount) {
    this.#amount = amount
    this.#bar = bars.create(amount.totalBytes ?? 0, amount.bytes, { line: this })
  }

  update(amount: Amount): void {
    const { name, bytes } = this.#amount
    const isAnother = amount.name !== name || amount.bytes < bytes
    this.#amount = amount
    if (isAnother) {
      this.#rate = new ProgressRate()
      this.#bar.start(amount.totalBytes ?? 0, amount.bytes, { line: this })
    } else {
      this.#bar.setTotal(amount.totalBytes ?? 0)
      this.#bar.update(amount.bytes, { line: this })
    }
  }

  draw({ eta, maxWidth }: Params): string {
    this.#rate.add(this.#amount.bytes, performance.now())
    const { name, bytes, totalBytes, files } = this.#amount
    const part = totalBytes === undefined || totalBytes === 0 ? 1 : bytes / totalBytes
    const rate = this.#rate.perSecond
    // cli-progress says INF and NULL, too.
    const isKnown = rate !== undefined && totalBytes !== undefined && Number.isFinite(eta)
    return progressLine(
      {
        name: files === undefined ? name : `${name}: ${files} ${files === 1 ? 'file' : 'files'}`,
        bytes,
        totalBytes,
        rate,
        seconds: isKnown ? Number(eta) : undefined,
      },
      { columns: maxWidth, bar: (width) => drawBar(part, width) },
    )
  }
}

/** For `Options.format`. */
export function drawLine(_options: Options, params: Params, payload: { readonly line: BarLine }): string {
  return payload.line.draw(params)
}

/** So much of a bar. */
export function drawBar(part: number, width: number): string {
  const [barCompleteString, barIncompleteString] = ['='.repeat(longestBar), ' '.repeat(longestBar)]
  return cliProgress.Format.BarFormat(Math.min(1, part), {
    barsize: width,
    barCompleteString,
    barIncompleteString,
    barGlue: '',
  })
}
