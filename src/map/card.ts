// What stands on the cards of a picture, and how large that makes them. Sizes are in units of the picture (CSS pixels).

import { cellsOf, shortened, wrapped } from './cell-text.js'
import type { MappedHost, RouteLink, RouteNode } from './graph.js'
import { addressOf, namesOf, thisMachine } from './node-text.js'

/** One line of text, placed from the corner of its card or frame. */
export interface TextLine {
  readonly text: string
  readonly look: 'name' | 'detail'
  readonly x: number
  /** The baseline. */
  readonly y: number
  /** The width that it takes. */
  readonly width: number
}

/** Text and the room that it needs. */
export interface Label {
  readonly lines: readonly TextLine[]
  readonly width: number
  readonly height: number
}

/** How wide a character is, and how far a baseline is from the one before. */
const looks = { name: { cell: 7.8, line: 17 }, detail: { cell: 6.6, line: 15 } } as const
const padding = { x: 12, y: 9 } as const
const tight = { x: 10, y: 5 } as const

/** The most characters of a name, an address or a command. */
const longest = 44

/** The label of where every route begins. */
export function hereLabel(): Label {
  return labelOf([{ text: thisMachine, look: 'name' }])
}

/** The names alone, where many hosts stand side by side. */
export function nameLabel(node: RouteNode): Label {
  return labelOf([{ text: shortened(namesOf(node), longest), look: 'name' }], tight)
}

/** Names, address, and the command, the proxies or the dialer where there are some that lead here. */
export function nodeLabel(node: RouteNode, incoming: readonly RouteLink[]): Label {
  const notes = incoming.flatMap(({ command, by }) => command ?? by ?? [])
  return labelOf([
    { text: shortened(namesOf(node), longest), look: 'name' },
    { text: shortened(addressOf(node), longest), look: 'detail' },
    ...notes.map((note) => ({ text: shortened(note, longest), look: 'detail' as const })),
  ])
}

/** A host without a route, and why. */
export function problemLabel({ host, problem }: Extract<MappedHost, { readonly problem: string }>): Label {
  return labelOf([
    { text: shortened(host, longest), look: 'name' },
    ...wrapped(problem, { width: 52, lines: 3 }).map((text) => ({ text, look: 'detail' as const })),
  ])
}

/** The heading of a frame, without the room around it that a card has. */
export function headingLabel(texts: readonly string[]): Label {
  const lines = texts.map((text, index) =>
    placed({ text: shortened(text, 60), look: 'detail' }, 0, 11 + index * 15),
  )
  return { lines, width: widest(lines), height: 15 * lines.length }
}

/** One line of detail whose baseline is at `y`. */
export function detailAt(text: string, x: number, y: number): TextLine {
  return placed({ text, look: 'detail' }, x, y)
}

function labelOf(
  texts: readonly Pick<TextLine, 'text' | 'look'>[],
  room: { readonly x: number; readonly y: number } = padding,
): Label {
  let bottom: number = room.y
  const lines = texts.map((text) => {
    bottom += looks[text.look].line
    return placed(text, room.x, bottom - 4)
  })
  return { lines, width: widest(lines) + 2 * room.x, height: bottom + room.y }
}

function placed(line: Pick<TextLine, 'text' | 'look'>, x: number, y: number): TextLine {
  return { ...line, x, y, width: Math.round(cellsOf(line.text) * looks[line.look].cell * 10) / 10 }
}

function widest(lines: readonly TextLine[]): number {
  return Math.ceil(Math.max(...lines.map(({ width }) => width)))
}
