// Blocks in columns from left to right: each one stands to the right of whatever leads to it. Where a line passes a
// column, it has a lane of its own there. What leads back, in a graph with a ring, is drawn from right to left.

import type { Block, BlockGraph, Strand } from './blocks.js'

/** What stands in a column: a block, or a lane for a line that passes. */
export interface Item {
  readonly block: Block | undefined
}

/** A line and the items that it joins, from left to right. */
export interface Path {
  readonly strand: Strand
  readonly items: readonly Item[]
  readonly direction: 'forward' | 'back'
}

export interface Layers {
  readonly columns: readonly (readonly Item[])[]
  readonly paths: readonly Path[]
}

/** Finds the column of each block and the lanes of each strand. Within a column, the order is that of a depth-first walk. */
export function layersOf({ blocks, strands }: BlockGraph): Layers {
  const { order, back } = walk(blocks, strands)
  const depth = new Map<Block, number>(order.map((block) => [block, 0]))
  const depthOf = (block: Block): number => depth.get(block) ?? 0
  for (const block of order) {
    for (const strand of strands) {
      if (strand.from !== block || back.has(strand)) continue
      depth.set(strand.to, Math.max(depthOf(strand.to), depthOf(block) + 1))
    }
  }
  const columns: Item[][] = Array.from({ length: Math.max(...depth.values()) + 1 }, () => [])
  const items = new Map<Block, Item>()
  for (const block of order) {
    const item = { block }
    items.set(block, item)
    columns[depthOf(block)]?.push(item)
  }
  const itemOf = (block: Block): Item => items.get(block) ?? { block }
  const paths = strands.map((strand): Path => {
    const direction = back.has(strand) ? 'back' : 'forward'
    const [left, right] = direction === 'back' ? [strand.to, strand.from] : [strand.from, strand.to]
    const lanes = columns.slice(depthOf(left) + 1, depthOf(right)).map((column) => {
      const lane: Item = { block: undefined }
      column.push(lane)
      return lane
    })
    return { strand, items: [itemOf(left), ...lanes, itemOf(right)], direction }
  })
  return { columns, paths }
}

/** The blocks in an order in which every strand leads onwards, except those that lead back. */
function walk(
  blocks: readonly Block[],
  strands: readonly Strand[],
): { readonly order: readonly Block[]; readonly back: ReadonlySet<Strand> } {
  const leaving = new Map<Block, Strand[]>(blocks.map((block) => [block, []]))
  for (const strand of strands) leaving.get(strand.from)?.push(strand)
  const state = new Map<Block, 'open' | 'done'>()
  const finished: Block[] = []
  const back = new Set<Strand>()
  const visit = (block: Block): void => {
    state.set(block, 'open')
    // The last one is visited first, so that reversing what is finished restores the order.
    for (const strand of (leaving.get(block) ?? []).toReversed()) {
      const found = state.get(strand.to)
      if (found === 'open') back.add(strand)
      if (found === undefined) visit(strand.to)
    }
    state.set(block, 'done')
    finished.push(block)
  }
  for (const block of blocks) if (!state.has(block)) visit(block)
  return { order: finished.toReversed(), back }
}
