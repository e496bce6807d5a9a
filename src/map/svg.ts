// The map as SVG: a picture that stands alone, in light and in dark, without scripts and without anything to load.

import { detailAt, type TextLine } from './card.js'
import { escapeXml } from './escape.js'
import type { Card } from './frame.js'
import type { RouteGraph, RouteLink } from './graph.js'
import { type Layout, layoutOf, type PlacedFrame } from './layout.js'
import type { Line } from './lines.js'
import { kindNames } from './node-text.js'
import { svgStyle } from './svg-style.js'

const kinds: readonly RouteLink['kind'][] = ['tcp', 'channel', 'command', 'remote-command', 'proxy', 'dialer']
const legendHeight = 40

/** The picture as an XML document, with a final line feed. */
export function mapToSvg(graph: RouteGraph): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${svgElement(graph)}\n`
}

/** The picture as an element. Cards have `data-node`, lines `data-links`, with ids of the graph. */
export function svgElement(graph: RouteGraph): string {
  const layout = layoutOf(graph)
  const legend = legendOf(graph, layout)
  const width = Math.ceil(Math.max(layout.width, legend.width))
  const height = Math.ceil(layout.height + legendHeight)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(summaryOf(graph))}">
<style>${svgStyle}</style>
<defs>${kinds.map(arrow).join('')}</defs>
<rect class="paper" width="${width}" height="${height}"/>
${layout.lines.map(lineElement).join('\n')}
${layout.frames.map(frameElement).join('\n')}
<g class="legend" transform="translate(0 ${layout.height})">${legend.text}</g>
</svg>`
}

/** What a graph holds, in a few words: `12 hosts, 3 gateways, 1 not resolved`. */
export function summaryOf({ hosts, links }: RouteGraph): string {
  const gateways = new Set(links.map(({ from }) => from).filter((from) => from !== 'here')).size
  const problems = hosts.filter((host) => 'problem' in host).length
  const counts = [count(hosts.length, 'host'), count(gateways, 'gateway')]
  return [...counts, ...(problems > 0 ? [`${problems} not resolved`] : [])].join(', ')
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function arrow(kind: RouteLink['kind']): string {
  return `<marker id="arrow-${kind}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.5L8 4L0 7.5z"/></marker>`
}

function lineElement({ kind, links, path }: Line): string {
  return `<path class="line ${kind}" data-links="${links.join(' ')}" d="${path}" marker-end="url(#arrow-${kind})"/>`
}

function frameElement({ x, y, width, height, heading, cards }: PlacedFrame): string {
  const inside = cards.map(cardElement).join('\n')
  if (heading === undefined) return `<g transform="translate(${x} ${y})">${inside}</g>`
  return `<g class="frame" transform="translate(${x} ${y})"><rect width="${width}" height="${height}" rx="8"/>${heading.map(textElement).join('')}
${inside}</g>`
}

function cardElement({ kind, id, title, x, y, width, height, lines }: Card): string {
  const hint = title === '' ? '' : `<title>${escapeXml(title)}</title>`
  return `<g class="card ${kind}" data-node="${id}" transform="translate(${x} ${y})">${hint}<rect width="${width}" height="${height}" rx="5"/>${lines.map(textElement).join('')}</g>`
}

// textLength makes the text as long as was reckoned with, whatever the font.
function textElement({ text, look, x, y, width }: TextLine): string {
  return `<text class="${look}" x="${x}" y="${y}" textLength="${width}">${escapeXml(text)}</text>`
}

function legendOf(graph: RouteGraph, layout: Layout): { readonly text: string; readonly width: number } {
  const parts: string[] = []
  let x = 28
  for (const kind of kinds.filter((kind) => layout.lines.some((line) => line.kind === kind))) {
    const text = detailAt(kindNames[kind], x + 44, 12)
    parts.push(lineElement({ kind, links: [], path: `M${x} 8L${x + 34} 8` }), textElement(text))
    x = text.x + text.width + 28
  }
  const summary = detailAt(summaryOf(graph), x, 12)
  return { text: [...parts, textElement(summary)].join(''), width: summary.x + summary.width + 28 }
}
