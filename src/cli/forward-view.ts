// The live lines of forwards: a state becomes lines that fit. Where they are drawn, and when, is for others.

import { printable } from '../index.js'
import { formatBytes } from './byte-count.js'
import type { Paint } from './paint.js'
import { cutToWidth, padToWidth, textWidth } from './text-width.js'

/** A forward at one moment. */
export interface ForwardStatus {
  readonly kind: 'local' | 'remote' | 'dynamic'
  readonly listens: string
  /** `undefined` for a proxy, whose clients say where each connection leads. */
  readonly leadsTo: string | undefined
  readonly state: 'listening' | 'lost' | 'closed'
  readonly open: number
  readonly accepted: number
  readonly refused: number
  readonly bytesSent: number
  readonly bytesReceived: number
  /** Bytes in the last second. */
  readonly sentPerSecond: number
  readonly receivedPerSecond: number
}

/** What a terminal has room for. */
export interface ViewSize {
  readonly columns: number
  readonly rows: number
}

/**
 * One line for each forward, none wider than the terminal less one column, and not more than it has rows less one.
 * What there is no room for is left out: first the rates, then the bytes, then the numbers of connections.
 */
export function forwardLines(
  forwards: readonly ForwardStatus[],
  { columns, rows, paint }: ViewSize & { readonly paint: Paint },
): readonly string[] {
  const room = Math.max(1, columns - 1)
  const most = Math.max(1, rows - 1)
  const shown = forwards.length > most ? forwards.slice(0, most - 1) : forwards
  const table = tables.map((cells) => aligned(shown.map(cells))).find((lines) => widest(lines) <= room)
  const lines = table ?? aligned(shown.map(ways)).map((line) => cutToWidth(line, room))
  const painted = lines.map((line, index) => paintRow(line, { status: shown[index], paint }))
  const more = forwards.length - shown.length
  return more === 0 ? painted : [...painted, cutToWidth(`and ${more} more`, room)]
}

interface Cell {
  readonly text: string
  readonly isNumber?: true
}

type Cells = (status: ForwardStatus) => readonly Cell[]

const ways: Cells = ({ kind, listens, leadsTo }) => [
  { text: kind },
  { text: `${printable(listens)} → ${leadsTo === undefined ? 'as asked' : printable(leadsTo)}` },
]

const connections: Cells = ({ state, open, accepted, refused }) => {
  if (state === 'lost') return [{ text: 'lost, trying again' }]
  const now = state === 'closed' ? 'closed' : `${open} open`
  return [{ text: `${now} of ${accepted}${refused > 0 ? `, ${refused} refused` : ''}` }]
}

const bytes: Cells = ({ bytesSent, bytesReceived }) => [sum('↑', bytesSent), sum('↓', bytesReceived)]

const bytesAndRates: Cells = ({ bytesSent, bytesReceived, sentPerSecond, receivedPerSecond }) => [
  sum('↑', bytesSent),
  rate(sentPerSecond),
  sum('↓', bytesReceived),
  rate(receivedPerSecond),
]

function sum(arrow: string, count: number): Cell {
  return { text: `${arrow} ${formatBytes(count)}`, isNumber: true }
}

function rate(perSecond: number): Cell {
  return { text: `${formatBytes(perSecond)}/s`, isNumber: true }
}

/** From the widest to the narrowest. */
const tables: readonly Cells[] = [
  (status) => [...ways(status), ...connections(status), ...bytesAndRates(status)],
  (status) => [...ways(status), ...connections(status), ...bytes(status)],
  (status) => [...ways(status), ...connections(status)],
  ways,
]

function aligned(rows: readonly (readonly Cell[])[]): readonly string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [at, { text }] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, textWidth(text))
  }
  return rows.map((row) =>
    row
      .map(({ text, isNumber }, at) => {
        const width = widths[at] ?? 0
        return isNumber ? text.padStart(width) : padToWidth(text, width)
      })
      .join('  ')
      .trimEnd(),
  )
}

function widest(lines: readonly string[]): number {
  return Math.max(0, ...lines.map(textWidth))
}

function paintRow(
  line: string,
  { status, paint }: { readonly status: ForwardStatus | undefined; readonly paint: Paint },
): string {
  if (status === undefined) return line
  if (status.state === 'lost') return paint('yellow', line)
  if (status.state === 'closed') return paint('dim', line)
  return status.open > 0 ? paint('green', line) : line
}
