// The lines between blocks: level where they leave, pass and arrive; they rise and fall only between the columns, where
// nothing else stands.

import type { RouteLink } from './graph.js'
import type { Item, Layers, Path } from './layers.js'

/** One line, as the data of an SVG path from where bytes come to where they go. */
export interface Line {
  readonly kind: RouteLink['kind']
  readonly links: readonly string[]
  readonly path: string
}

/** Where things are that lines join. */
export interface Places {
  /** The left and right edge of each column. */
  readonly edges: readonly { readonly left: number; readonly right: number }[]
  /** Undefined for a lane. */
  readonly frameOf: (item: Item) => { readonly x: number; readonly width: number } | undefined
  readonly middleOf: (item: Item) => number
}

/** How far apart lines of several kinds end at one block. */
const spread = 7

/** The lines of all paths. */
export function linesOf(
  { paths }: Layers,
  columns: readonly (readonly Item[])[],
  places: Places,
): readonly Line[] {
  const columnOf = new Map<Item, number>()
  for (const [index, column] of columns.entries()) for (const item of column) columnOf.set(item, index)
  return paths.map((path) => {
    const points = path.items.flatMap((item, index): readonly Point[] => {
      const edge = places.edges[columnOf.get(item) ?? 0] ?? { left: 0, right: 0 }
      const y = places.middleOf(item) + shiftOf(path, paths)
      const left = { x: edge.left, y }
      const right = { x: edge.right, y }
      if (index === path.items.length - 1) return [left]
      const frame = places.frameOf(item)
      return frame === undefined ? [left, right] : [{ x: frame.x + frame.width, y }, right]
    })
    const { kind, links } = path.strand
    return { kind, links, path: dataOf(path.direction === 'back' ? points.reverse() : points) }
  })
}

interface Point {
  readonly x: number
  readonly y: number
}

/** Strands of several kinds between the same blocks lie side by side. */
function shiftOf({ strand }: Path, paths: readonly Path[]): number {
  const alike = paths.filter((path) => path.strand.from === strand.from && path.strand.to === strand.to)
  return (alike.findIndex((path) => path.strand === strand) - (alike.length - 1) / 2) * spread
}

function dataOf([first, ...rest]: readonly Point[]): string {
  if (first === undefined) return ''
  let from = first
  const parts = [`M${round(from.x)} ${round(from.y)}`]
  for (const to of rest) {
    const middle = round((from.x + to.x) / 2)
    const end = `${round(to.x)} ${round(to.y)}`
    parts.push(from.y === to.y ? `L${end}` : `C${middle} ${round(from.y)} ${middle} ${round(to.y)} ${end}`)
    from = to
  }
  return parts.join('')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
