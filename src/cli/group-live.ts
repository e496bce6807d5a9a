// The live lines of a group at work, at the foot of the terminal that standard error is; nothing where it is none.

import { type GroupStatus, type GroupViewSize, groupStatusLines } from './group-view.js'
import { LiveArea } from './live-area.js'
import { paintFor } from './paint.js'

const redrawMs = 200

/** Draws until it is disposed; then the lines are gone. */
export async function watchGroup(look: () => GroupStatus): Promise<Disposable> {
  const { stderr } = process
  if (!stderr.isTTY || process.env['TERM'] === 'dumb') return { [Symbol.dispose]: () => {} }
  const paint = paintFor(stderr)
  let isOver = false
  let last:
    | { readonly lines: readonly string[]; readonly size: GroupViewSize; readonly at: number }
    | undefined
  // Each line of output draws them anew, and there may be very many.
  const draw = (size: GroupViewSize): readonly string[] => {
    if (isOver) return []
    const isSame = size.columns === last?.size.columns && size.rows === last.size.rows
    const at = performance.now()
    if (last === undefined || !isSame || at - last.at >= redrawMs / 2) {
      last = { lines: groupStatusLines(look(), { ...size, paint }), size, at }
    }
    return last.lines
  }
  const area = await LiveArea.open(stderr, draw)
  const timer = setInterval(() => area.redraw(), redrawMs)
  return {
    [Symbol.dispose]: () => {
      if (isOver) return
      isOver = true
      clearInterval(timer)
      area[Symbol.dispose]()
    },
  }
}
