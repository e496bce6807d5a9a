// Where everything stands: columns from left to right, this machine first. Of the ways to arrange the hosts of a block in
// rows, the one is taken whose picture fits the smallest sheet.

import { type Block, blocksOf } from './blocks.js'
import { type Segments, segmentsOf, untangled } from './crossings.js'
import { type Frame, inRows, type Measured, measuredBlock, measuredProblems, sizeInRows } from './frame.js'
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
  const plan: Plan = {
    layers,
    columns: untangled(layers),
    segments: segmentsOf(layers),
    measured: measuredBlocks(graph, blocks.blocks),
  }
  return withProblems(drawn(plan, smallest(plan)), measuredProblems(graph.hosts))
}

/** What is the same in all arrangements. */
interface Plan {
  readonly layers: Layers
  readonly columns: readonly (readonly Item[])[]
  readonly segments: Segments
  readonly measured: ReadonlyMap<Block, Measured>
}

function measuredBlocks({ nodes }: RouteGraph, blocks: readonly Block[]): ReadonlyMap<Block, Measured> {
  const names = new Map(nodes.map((node) => [node.id, namesOf(node)]))
  const detail = nodes.length > manyHosts ? 'names' : 'addresses'
  const nameOf = (id: string): string => names.get(id) ?? ''
  return new Map(blocks.map((block) => [block, measuredBlock(block, { detail, nameOf })]))
}

function measuredItem({ measured }: Plan, { block }: Item): Measured | undefined {
  return block && measured.get(block)
}

/** All columns first get the same limit; then each one, in turn, the limit that suits it best. */
function smallest(plan: Plan): Arrangement {
  const most = plan.columns.map((column) =>
    Math.min(mostAcross, Math.max(1, ...column.map((item) => measuredItem(plan, item)?.cards.length ?? 0))),
  )
  let best = arranged(
    plan,
    most.map(() => 1),
  )
  const tryLimits = (limits: readonly number[]): void => {
    const found = arranged(plan, limits)
    if (sheetOf(found) < sheetOf(best)) best = found
  }
  for (let across = 2; across <= Math.max(...most); across++)
    tryLimits(most.map((limit) => Math.min(limit, across)))
  for (const [column, limit] of [...most.entries(), ...most.entries()]) {
    if (limit === 1) continue
    for (let across = 1; across <= limit; across++) tryLimits(best.limits.with(column, across))
  }
  return best
}

/** The width of the sheet that an arrangement needs. */
function sheetOf({ width, height }: Arrangement): number {
  return Math.max(width, height * sheet)
}

/** Where everything would stand, with so many cards in a row in each column. */
interface Arrangement {
  readonly limits: readonly number[]
  readonly edges: readonly { readonly left: number; readonly right: number }[]
  readonly middleOf: (item: Item) => number
  readonly width: number
  readonly height: number
}

function arranged(plan: Plan, limits: readonly number[]): Arrangement {
  const sizes = new Map<Item, { readonly width: number; readonly height: number }>()
  for (const [index, column] of plan.columns.entries()) {
    for (const item of column) {
      const block = measuredItem(plan, item)
      if (block !== undefined) sizes.set(item, sizeInRows(block, limits[index] ?? 1))
    }
  }
  const heightOf = (item: Item): number => sizes.get(item)?.height ?? laneHeight
  const middles = middlesOf(plan.columns, plan.segments, { heightOf, gap: blockGap })
  const height = Math.max(...[...middles].map(([item, middle]) => middle + heightOf(item) / 2))
  const between = Math.round(Math.min(200, Math.max(80, height / 7)))
  const edges: { readonly left: number; readonly right: number }[] = []
  for (const column of plan.columns) {
    const left = (edges.at(-1)?.right ?? margin - between) + between
    edges.push({ left, right: left + Math.max(...column.map((item) => sizes.get(item)?.width ?? 0)) })
  }
  return {
    limits,
    edges,
    middleOf: (item) => margin + (middles.get(item) ?? 0),
    width: (edges.at(-1)?.right ?? 0) + margin,
    height: Math.ceil(height) + 2 * margin,
  }
}

function drawn(plan: Plan, { limits, edges, middleOf, width, height }: Arrangement): Layout {
  const frames = new Map<Item, PlacedFrame>()
  for (const [index, column] of plan.columns.entries()) {
    for (const item of column) {
      const block = measuredItem(plan, item)
      if (block === undefined) continue
      const frame = inRows(block, limits[index] ?? 1)
      const y = Math.round(middleOf(item) - frame.height / 2)
      frames.set(item, { ...frame, x: edges[index]?.left ?? 0, y })
    }
  }
  const lines = linesOf(plan.layers, plan.columns, { edges, frameOf: (item) => frames.get(item), middleOf })
  return { width, height, frames: [...frames.values()], lines }
}

/** Hosts without a route stand below everything else, in as many columns as fit. */
function withProblems(layout: Layout, problems: Measured): Layout {
  if (problems.cards.length === 0) return layout
  const widths = problems.cards.map((_, index) => sizeInRows(problems, index + 1).width)
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
