// A block as it is drawn: one card, or a frame with a heading and its cards in rows.

import type { Block } from './blocks.js'
import {
  headingLabel,
  hereLabel,
  type Label,
  nameLabel,
  nodeLabel,
  problemLabel,
  type TextLine,
} from './card.js'
import { here, type MappedHost, type RouteLink, type RouteNode } from './graph.js'
import { kindNames, namesOf } from './node-text.js'

/** A rectangle with text in it. */
export interface Card {
  readonly kind: 'here' | 'gateway' | 'host' | 'problem'
  /** The id of its node; for a problem, its number among the hosts. */
  readonly id: string
  /** The full text, where the card shows it shortened. */
  readonly title: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly lines: readonly TextLine[]
}

/** A block and where its parts are, from its own corner. */
export interface Frame {
  readonly width: number
  readonly height: number
  /** Undefined for a card that needs no frame around it. */
  readonly heading: readonly TextLine[] | undefined
  readonly cards: readonly Card[]
}

const inset = 12
const gap = 8

interface Unplaced extends Pick<Card, 'kind' | 'id' | 'title'> {
  readonly label: Label
}

/** What a block shows, measured once. */
export interface Measured {
  readonly heading: Label | undefined
  readonly cards: readonly Unplaced[]
  /** How large each card is. */
  readonly card: { readonly width: number; readonly height: number }
}

/** How much the cards of hosts say. Those of gateways say all. */
export type Detail = 'names' | 'addresses'

/** Measures a block. `nameOf` tells a gateway's name by its id. */
export function measuredBlock(
  { kind, nodes, incoming }: Block,
  options: { readonly detail: Detail; readonly nameOf: (id: string) => string },
): Measured {
  if (kind === 'here') return measured(undefined, [{ kind, id: here, title: '', label: hereLabel() }])
  const isAlone = nodes.length === 1
  const cards = nodes.map((node) => ({
    kind: kind === 'gateway' ? ('gateway' as const) : ('host' as const),
    id: node.id,
    title: `${namesOf(node)}\n${node.user}@${node.hostName}:${node.port}`,
    label:
      !isAlone && options.detail === 'names' ? nameLabel(node) : nodeLabel(node, isAlone ? incoming : []),
  }))
  const heading = isAlone ? undefined : headingLabel(headingOf(nodes, incoming, options.nameOf))
  return measured(heading, cards)
}

/** Measures the hosts that have no route. */
export function measuredProblems(hosts: readonly MappedHost[]): Measured {
  const cards = hosts.flatMap((host, index) =>
    'problem' in host
      ? [
          {
            kind: 'problem' as const,
            id: `p${index}`,
            title: `${host.host}\n${host.problem}`,
            label: problemLabel(host),
          },
        ]
      : [],
  )
  return measured(headingLabel([`not resolved · ${countOf(cards.length)}`]), cards)
}

/** How large a block is with its cards in rows of at most `columns`. */
export function sizeInRows(measured: Measured, columns: number): Pick<Frame, 'width' | 'height'> {
  const { card, across, edge, top } = gridOf(measured, columns)
  const rows = Math.ceil(measured.cards.length / across)
  return {
    width: Math.max(across * (card.width + gap) - gap, measured.heading?.width ?? 0) + 2 * edge,
    height: top + rows * (card.height + gap) - gap + edge,
  }
}

/** Arranges the cards of a block in rows of at most `columns`, in which all are equally large. */
export function inRows(measured: Measured, columns: number): Frame {
  const { card, across, edge, top } = gridOf(measured, columns)
  return {
    ...sizeInRows(measured, columns),
    heading: measured.heading?.lines.map((line) => ({ ...line, x: line.x + inset, y: line.y + inset })),
    cards: measured.cards.map(({ label, ...rest }, index) => ({
      ...rest,
      ...card,
      x: edge + (index % across) * (card.width + gap),
      y: top + Math.floor(index / across) * (card.height + gap),
      lines: label.lines,
    })),
  }
}

function gridOf({ heading, cards, card }: Measured, columns: number) {
  return {
    card,
    across: Math.min(columns, cards.length),
    edge: heading === undefined ? 0 : inset,
    top: heading === undefined ? 0 : inset + heading.height + 6,
  }
}

function measured(heading: Label | undefined, cards: readonly Unplaced[]): Measured {
  const card = cards.reduce(
    ({ width, height }, { label }) => ({
      width: Math.max(width, label.width),
      height: Math.max(height, label.height),
    }),
    { width: 0, height: 0 },
  )
  return { heading, cards, card }
}

function headingOf(
  nodes: readonly RouteNode[],
  incoming: readonly RouteLink[],
  nameOf: (id: string) => string,
): readonly string[] {
  const ways = new Set(
    incoming.map(({ from, kind }) => (kind === 'channel' ? `through ${nameOf(from)}` : kindNames[kind])),
  )
  const notes = new Set(incoming.flatMap(({ command, by }) => command ?? by ?? []))
  return [`${[...ways].join(', ')} · ${countOf(nodes.length)}`, ...notes]
}

function countOf(hosts: number): string {
  return hosts === 1 ? '1 host' : `${hosts} hosts`
}
