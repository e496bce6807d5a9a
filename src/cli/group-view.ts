// The live lines of a group at work: counts become lines that fit. Where they are drawn, and when, is for others.

import type { Counts, GatewayCounts } from './group-tally.js'
import type { Paint } from './paint.js'
import { cutToWidth, padToWidth, textWidth } from './text-width.js'

/** A group at one moment. */
export interface GroupStatus {
  readonly counts: Counts
  readonly gateways: readonly (GatewayCounts & { readonly label: string })[]
  /** The names of those that are running. */
  readonly running: readonly string[]
  readonly elapsedMs: number
  /** Whether no further member is begun. */
  readonly isStopping: boolean
}

/** What a terminal has room for. */
export interface GroupViewSize {
  readonly columns: number
  readonly rows: number
}

const mostGateways = 8

/**
 * One line for all, one for each gateway where there are any, and one that names who is running. None is wider than the
 * terminal less one column, and there are not more than it has rows less one.
 */
export function groupStatusLines(
  status: GroupStatus,
  { columns, rows, paint }: GroupViewSize & { readonly paint: Paint },
): readonly string[] {
  const room = Math.max(1, columns - 1)
  const { counts, running, elapsedMs, isStopping } = status
  const stopping = isStopping ? ', stopping' : ''
  const all = `${counts.members} hosts: ${countsText(counts)}${stopping}, ${Math.floor(elapsedMs / 1000)} s`
  const lines = [
    { text: all, counts },
    ...gatewayLines(status.gateways, Math.min(mostGateways, rows - 3)),
    ...(running.length === 0 ? [] : [{ text: `running: ${running.join(', ')}`, counts: undefined }]),
  ]
  return lines
    .slice(0, Math.max(1, rows - 1))
    .map(({ text, counts: of }) => paintLine(cutToWidth(text, room), { counts: of, paint }))
}

interface Line {
  readonly text: string
  readonly counts: Counts | undefined
}

/** Those with failures first, where there is no room for all. */
function gatewayLines(gateways: GroupStatus['gateways'], most: number): readonly Line[] {
  if (gateways.every(({ gateway }) => gateway === undefined) || most < 1) return []
  const isCut = gateways.length > most
  const shown = isCut ? [...gateways].sort((a, b) => b.failed - a.failed).slice(0, most - 1) : gateways
  const width = Math.max(...shown.map(({ label }) => textWidth(label)))
  const lines = shown.map((counts) => ({
    text: `  ${padToWidth(counts.label, width)}  ${countsText(counts)}`,
    counts,
  }))
  const more = gateways.length - shown.length
  return more === 0 ? lines : [...lines, { text: `  and ${more} more gateways`, counts: undefined }]
}

function countsText({ members, running, succeeded, failed, skipped }: Counts): string {
  const waiting = members - running - succeeded - failed - skipped
  return [
    `${running} running`,
    `${succeeded} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
  ].join(', ')
}

function paintLine(
  line: string,
  { counts, paint }: { readonly counts: Counts | undefined; readonly paint: Paint },
): string {
  if (counts === undefined) return paint('dim', line)
  if (counts.failed > 0) return paint('red', line)
  return counts.succeeded === counts.members ? paint('green', line) : line
}
