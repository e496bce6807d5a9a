// The live lines of a group at work, at the foot of the terminal that standard error is; nothing where it is none.

import { type GroupStatus, groupStatusLines } from './group-view.js'
import { LiveArea } from './live-area.js'
import { paintFor } from './paint.js'

const redrawMs = 200

/** Draws until it is disposed; then the lines are gone. */
export async function watchGroup(look: () => GroupStatus): Promise<Disposable> {
  const { stderr } = process
  if (!stderr.isTTY || process.env['TERM'] === 'dumb') return { [Symbol.dispose]: () => {} }
  const paint = paintFor(stderr)
  let isOver = false
  const area = await LiveArea.open(stderr, (size) =>
    isOver ? [] : groupStatusLines(look(), { ...size, paint }),
  )
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
