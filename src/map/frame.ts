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

/** What a block shows, measured once; `inRows` of it is cheap. */
export interface Measured {
  readonly heading: Label | undefined
  readonly cards: readonly Unplaced[]
}

/** How much the cards of hosts say. Those of gateways say all. */
export type Detail = 'names' | 'addresses'

/** Measures a block. `nameOf` tells a gateway's name by its id. */
export function measuredBlock(
  { kind, nodes, incoming }: Block,
  options: { readonly detail: Detail; readonly nameOf: (id: string) => string },
): Measured {
  if (kind === 'here')
    return { heading: undefined, cards: [{ kind, id: here, title: '', label: hereLabel() }] }
  const isAlone = nodes.length === 1
  const cards = nodes.map((node) => ({
    kind: kind === 'gateway' ? ('gateway' as const) : ('host' as const),
    id: node.id,
    title: `${namesOf(node)}\n${node.user}@${node.hostName}:${node.port}`,
    label:
      !isAlone && options.detail === 'names' ? nameLabel(node) : nodeLabel(node, isAlone ? incoming : []),
  }))
  const heading = isAlone ? undefined : headingLabel(headingOf(nodes, incoming, options.nameOf))
  return { heading, cards }
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
  return { heading: headingLabel([`not resolved · ${countOf(cards.length)}`]), cards }
}

/** Arranges the cards of a block in rows of at most `columns`, in which all are equally wide. */
export function inRows({ heading, cards }: Measured, columns: number): Frame {
  const across = Math.min(columns, cards.length)
  const width = Math.max(...cards.map(({ label }) => label.width))
  const height = Math.max(...cards.map(({ label }) => label.height))
  const edge = heading === undefined ? 0 : inset
  const top = heading === undefined ? 0 : inset + heading.height + 6
  const place = ({ label, ...card }: Unplaced, index: number): Card => ({
    ...card,
    x: edge + (index % across) * (width + gap),
    y: top + Math.floor(index / across) * (height + gap),
    width,
    height,
    lines: label.lines,
  })
  const rows = Math.ceil(cards.length / across)
  return {
    width: Math.max(across * (width + gap) - gap, heading?.width ?? 0) + 2 * edge,
    height: top + rows * (height + gap) - gap + edge,
    heading: heading?.lines.map((line) => ({ ...line, x: line.x + inset, y: line.y + inset })),
    cards: cards.map(place),
  }
}

function headingOf(
  nodes: readonly RouteNode[],
  incoming: readonly RouteLink[],
  nameOf: (id: string) => string,
): readonly string[] {
  const ways = new Set(
    incoming.map(({ from, kind }) => (kind === 'channel' ? `through ${nameOf(from)}` : kindNames[kind])),
  )
  const commands = new Set(incoming.flatMap(({ command }) => (command === undefined ? [] : [command])))
  return [`${[...ways].join(', ')} · ${countOf(nodes.length)}`, ...commands]
}

function countOf(hosts: number): string {
  return hosts === 1 ? '1 host' : `${hosts} hosts`
}
