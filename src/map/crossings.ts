// The order within the columns, so that few lines cross: each item moves to the middle of its neighbours, column by
// column, to and fro, and the best order seen is kept (the barycentre heuristic of Sugiyama, Tagawa and Toda, 1981).

import type { Item, Layers } from './layers.js'

const rounds = 12

type Columns = readonly (readonly Item[])[]

/** The columns in an order with few crossings; the same input gives the same order. */
export function untangled(layers: Layers): Columns {
  const segments = segmentsOf(layers)
  let columns = layers.columns
  let best = { columns, crossings: crossingsOf(columns, segments) }
  for (let round = 0; round < rounds && best.crossings > 0; round++) {
    columns = round % 2 === 0 ? sorted(columns, segments.before) : sorted(columns, segments.after)
    const crossings = crossingsOf(columns, segments)
    if (crossings < best.crossings) best = { columns, crossings }
  }
  return best.columns
}

/** For each item, those that it is joined with in the column before it, and after it. */
export interface Segments {
  readonly before: ReadonlyMap<Item, readonly Item[]>
  readonly after: ReadonlyMap<Item, readonly Item[]>
}

/** The parts of all paths, from column to column. */
export function segmentsOf({ paths }: Layers): Segments {
  const before = new Map<Item, Item[]>()
  const after = new Map<Item, Item[]>()
  for (const { items } of paths) {
    for (const [index, right] of items.entries()) {
      const left = items[index - 1]
      if (left === undefined) continue
      listOf(before, right).push(left)
      listOf(after, left).push(right)
    }
  }
  return { before, after }
}

function listOf(lists: Map<Item, Item[]>, item: Item): Item[] {
  const list = lists.get(item) ?? []
  lists.set(item, list)
  return list
}

function sorted(columns: Columns, neighbours: ReadonlyMap<Item, readonly Item[]>): Columns {
  const place = new Map<Item, number>()
  for (const column of columns) for (const [index, item] of column.entries()) place.set(item, index)
  const wish = (item: Item): number => {
    const near = neighbours.get(item) ?? []
    if (near.length === 0) return place.get(item) ?? 0
    return near.reduce((sum, other) => sum + (place.get(other) ?? 0), 0) / near.length
  }
  return columns.map((column) => {
    const wishes = new Map(column.map((item) => [item, wish(item)]))
    return column.toSorted((one, other) => (wishes.get(one) ?? 0) - (wishes.get(other) ?? 0))
  })
}

function crossingsOf(columns: Columns, { after }: Segments): number {
  let crossings = 0
  for (const [index, column] of columns.entries()) {
    const place = new Map((columns[index + 1] ?? []).map((item, row) => [item, row]))
    const ends = column.flatMap((item) =>
      (after.get(item) ?? []).map((other) => place.get(other) ?? 0).sort((one, other) => one - other),
    )
    crossings += inversionsOf(ends)
  }
  return crossings
}

/** How many pairs stand in the wrong order; sorts by merging, so that thousands of lines take no time. */
function inversionsOf(list: readonly number[]): number {
  let count = 0
  const sort = (part: readonly number[]): readonly number[] => {
    if (part.length < 2) return part
    const middle = part.length >> 1
    const [left, right] = [sort(part.slice(0, middle)), sort(part.slice(middle))]
    const merged: number[] = []
    let taken = 0
    for (const value of left) {
      while (taken < right.length && (right[taken] ?? 0) < value) merged.push(right[taken++] ?? 0)
      count += taken
      merged.push(value)
    }
    return [...merged, ...right.slice(taken)]
  }
  sort(list)
  return count
}
