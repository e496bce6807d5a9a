// Where the items of the columns stand from top to bottom: near those that they are joined with, never on each other.

import type { Segments } from './crossings.js'
import type { Item } from './layers.js'

const rounds = 8

/** How much an item counts that has no neighbour on the side that is looked at. */
const indifferent = 0.001

export interface Sizes {
  readonly heightOf: (item: Item) => number
  /** What stays free between two items of a column. */
  readonly gap: number
}

/** The middle of each item. The highest item of all begins at 0. */
export function middlesOf(
  columns: readonly (readonly Item[])[],
  segments: Segments,
  { heightOf, gap }: Sizes,
): ReadonlyMap<Item, number> {
  const middles = new Map<Item, number>()
  const offsets = columns.map((column) => {
    let bottom = 0
    return column.map((item) => {
      const offset = bottom + heightOf(item) / 2
      bottom += heightOf(item) + gap
      middles.set(item, offset)
      return offset
    })
  })
  const settle = (index: number, neighbours: ReadonlyMap<Item, readonly Item[]>): void => {
    const column = columns[index] ?? []
    const own = offsets[index] ?? []
    const wishes = column.map((item, row): Wish => {
      const near = neighbours.get(item) ?? []
      if (near.length === 0) return { place: (middles.get(item) ?? 0) - (own[row] ?? 0), weight: indifferent }
      const sum = near.reduce((total, other) => total + (middles.get(other) ?? 0), 0)
      return { place: sum / near.length - (own[row] ?? 0), weight: 1 }
    })
    for (const [row, shift] of rising(wishes).entries()) {
      const item = column[row]
      if (item !== undefined) middles.set(item, shift + (own[row] ?? 0))
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const index of columns.keys()) settle(index, segments.before)
    for (const index of [...columns.keys()].reverse()) settle(index, segments.after)
  }
  const top = Math.min(...[...middles].map(([item, middle]) => middle - heightOf(item) / 2))
  return new Map([...middles].map(([item, middle]) => [item, middle - top]))
}

interface Wish {
  readonly place: number
  readonly weight: number
}

/** The rising sequence that is nearest to the wishes: neighbours in the wrong order share their mean. */
function rising(wishes: readonly Wish[]): readonly number[] {
  const pools: (Wish & { readonly count: number })[] = []
  for (const wish of wishes) {
    let pool = { ...wish, count: 1 }
    for (let last = pools.at(-1); last !== undefined && last.place > pool.place; last = pools.at(-1)) {
      pools.pop()
      const weight = last.weight + pool.weight
      const place = (last.place * last.weight + pool.place * pool.weight) / weight
      pool = { place, weight, count: last.count + pool.count }
    }
    pools.push(pool)
  }
  return pools.flatMap(({ place, count }) => Array<number>(count).fill(place))
}
