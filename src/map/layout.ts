// Where everything stands: columns from left to right, this machine first. Of the ways to arrange the hosts of a block in
// rows, the one is taken whose picture fits the smallest sheet.

import { type Block, blocksOf } from './blocks.js'
import { segmentsOf, untangled } from './crossings.js'
import { type Frame, inRows, type Measured, measuredBlock, measuredProblems } from './frame.js'
import type { RouteGraph } from './graph.js'
import { middlesOf } from './heights.js'
import { type Item, type Layers, layersOf } from './layers.js'
import { type Line, linesOf } from './lines.js'
import { namesOf } from './node-text.js'

/** A block, and the corner at which it stands. */
export interface PlacedFrame extends Frame {
  readonly x: number
  readonly y: number
}

/** What is drawn, and where. Nothing in it covers anything else, but for lines that cross. */
export interface Layout {
  readonly width: number
  readonly height: number
  readonly frames: readonly PlacedFrame[]
  readonly lines: readonly Line[]
}

/** How much wider than high a sheet is. */
const sheet = 1.5
const margin = 28
const blockGap = 22
const laneHeight = 6
const mostAcross = 12

/** With more hosts than this, those behind one gateway show their names only. */
const manyHosts = 60

/** Lays out a graph; the same graph gives the same picture. */
export function layoutOf(graph: RouteGraph): Layout {
  const blocks = blocksOf(graph)
  const layers = layersOf(blocks)
  const plan: Plan = { layers, columns: untangled(layers), measured: measuredBlocks(graph, blocks.blocks) }
  return withProblems(smallest(plan), measuredProblems(graph.hosts))
}

/** All columns first get the same limit; then each one, in turn, the limit that suits it best. */
function smallest(plan: Plan): Layout {
  let limits = plan.columns.map(() => 1)
  let best = arranged(plan, limits)
  const tryLimits = (tried: readonly number[]): void => {
    const found = arranged(plan, tried)
    if (sizeOf(found) >= sizeOf(best)) return
    best = found
    limits = [...tried]
  }
  for (let across = 2; across <= mostAcross; across++) tryLimits(limits.map(() => across))
  for (const column of [...plan.columns.keys(), ...plan.columns.keys()]) {
    for (let across = 1; across <= mostAcross; across++) tryLimits(limits.with(column, across))
  }
  return best
}

interface Plan {
  readonly layers: Layers
  readonly columns: readonly (readonly Item[])[]
  readonly measured: ReadonlyMap<Block, Measured>
}

function measuredBlocks({ nodes }: RouteGraph, blocks: readonly Block[]): ReadonlyMap<Block, Measured> {
  const names = new Map(nodes.map((node) => [node.id, namesOf(node)]))
  const detail = nodes.length > manyHosts ? 'names' : 'addresses'
  const nameOf = (id: string): string => names.get(id) ?? ''
  return new Map(blocks.map((block) => [block, measuredBlock(block, { detail, nameOf })]))
}

/** The width of the sheet that a picture needs. */
function sizeOf({ width, height }: Layout): number {
  return Math.max(width, height * sheet)
}

function arranged({ layers, columns, measured }: Plan, limits: readonly number[]): Layout {
  const frames = new Map<Item, Frame>()
  for (const [index, column] of columns.entries()) {
    for (const item of column) {
      const block = item.block && measured.get(item.block)
      if (block !== undefined) frames.set(item, inRows(block, limits[index] ?? 1))
    }
  }
  const heightOf = (item: Item): number => frames.get(item)?.height ?? laneHeight
  const middles = middlesOf(columns, segmentsOf(layers), { heightOf, gap: blockGap })
  const middleOf = (item: Item): number => margin + (middles.get(item) ?? 0)
  const height = Math.max(...[...middles].map(([item, middle]) => middle + heightOf(item) / 2))
  const between = Math.min(200, Math.max(80, height / 7))
  const placed = new Map<Item, PlacedFrame>()
  const edges: { readonly left: number; readonly right: number }[] = []
  let left = margin
  for (const column of columns) {
    const width = Math.max(...column.map((item) => frames.get(item)?.width ?? 0))
    edges.push({ left, right: left + width })
    for (const item of column) {
      const frame = frames.get(item)
      if (frame !== undefined)
        placed.set(item, { ...frame, x: left, y: Math.round(middleOf(item) - frame.height / 2) })
    }
    left += width + between
  }
  return {
    width: left - between + margin,
    height: Math.ceil(height) + 2 * margin,
    frames: [...placed.values()],
    lines: linesOf(layers, columns, { edges, frameOf: (item) => placed.get(item), middleOf }),
  }
}

/** Hosts without a route stand below everything else, in as many columns as fit. */
function withProblems(layout: Layout, problems: Measured): Layout {
  if (problems.cards.length === 0) return layout
  const widths = problems.cards.map((_, index) => inRows(problems, index + 1).width)
  const fitting = widths.filter((width) => width <= layout.width - 2 * margin).length
  const frame = inRows(problems, Math.max(1, fitting))
  const placed = { ...frame, x: margin, y: layout.height }
  return {
    ...layout,
    width: Math.max(layout.width, frame.width + 2 * margin),
    height: placed.y + frame.height + margin,
    frames: [...layout.frames, placed],
  }
}
