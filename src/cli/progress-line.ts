// One line of progress: a state becomes text that fits. Where it is drawn, and when, is for others.

import { printable } from '../index.js'
import { formatBytes } from './byte-count.js'
import { padToWidth, textWidth } from './text-width.js'

/** How far something has come. */
export interface ProgressStatus {
  readonly name: string
  readonly bytes: number
  /** `undefined` where the size is not known. */
  readonly totalBytes: number | undefined
  /** Bytes in a second; `undefined` where it cannot be told. */
  readonly rate: number | undefined
  /** To come, or, once it is done, spent; `undefined` where it cannot be told. */
  readonly seconds: number | undefined
}

export interface ProgressSize {
  readonly columns: number
  /** Draws a bar of this many columns. */
  readonly bar: (width: number) => string
}

const widestBar = 30
const narrowestBar = 10
const narrowestName = 12
const widths = { percent: 4, bytes: 8, rate: 10, time: 8 } as const
const gap = '  '

/**
 * Name, bar, percentage, bytes, rate and time, never wider than the terminal less one column. What there is no room for
 * is left out: first the bar, then the time, the rate and the bytes.
 */
export function progressLine(status: ProgressStatus, { columns, bar }: ProgressSize): string {
  const room = Math.max(1, columns - 1)
  const { bytes, totalBytes, rate, seconds } = status
  const part = totalBytes === undefined ? undefined : partOf(bytes, totalBytes)
  const cells = [
    (part === undefined ? '' : `${Math.floor(part * 100)}%`).padStart(widths.percent),
    formatBytes(bytes).padStart(widths.bytes),
    (rate === undefined ? '' : `${formatBytes(rate)}/s`).padStart(widths.rate),
    (seconds === undefined ? '' : formatTime(seconds)).padStart(widths.time),
  ]
  while (cells.length > 0 && widthOf(cells) + narrowestName > room) cells.pop()
  const left = room - widthOf(cells)
  const forBar = Math.min(widestBar, Math.floor(left / 2)) - gap.length - 2
  const hasBar = cells.length === 4 && forBar >= narrowestBar
  const drawn = hasBar ? `${gap}${part === undefined ? ' '.repeat(forBar + 2) : `[${bar(forBar)}]`}` : ''
  const forName = left - textWidth(drawn)
  const name = cutStart(printable(status.name, 1000), forName)
  return [`${padToWidth(name, forName)}${drawn}`, ...cells].join(gap).trimEnd()
}

function widthOf(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => sum + gap.length + cell.length, 0)
}

function partOf(bytes: number, totalBytes: number): number {
  return totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes)
}

/** `0:07`, `12:34`, `1:02:03`; more than four days are `> 99 h`. */
export function formatTime(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds - 0.5))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  if (hours > 99) return '> 99 h'
  const tail = String(rest).padStart(2, '0')
  return hours === 0 ? `${minutes}:${tail}` : `${hours}:${String(minutes).padStart(2, '0')}:${tail}`
}

/** Of a path the end says most. */
function cutStart(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text
  if (columns < 1) return ''
  let kept = ''
  let width = 1
  for (const character of [...text].reverse()) {
    width += textWidth(character)
    if (width > columns) break
    kept = character + kept
  }
  return `…${kept}`
}
