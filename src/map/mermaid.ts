// The map as a Mermaid flowchart, for pages that draw such text. https://mermaid.js.org/syntax/flowchart.html

import { escapeMermaid } from './escape.js'
import { here, type RouteGraph, type RouteLink, type RouteNode } from './graph.js'
import { addressOf, namesOf, thisMachine } from './node-text.js'

const arrows: Readonly<Record<RouteLink['kind'], string>> = {
  tcp: '-->',
  channel: '==>',
  command: '-.->',
  dialer: '-.->',
  proxy: '-.->',
  'remote-command': '-.->',
}

/** The graph as a flowchart from left to right, with a final line feed. */
export function mapToMermaid({ nodes, links, hosts }: RouteGraph): string {
  const problems = hosts.filter((host) => 'problem' in host)
  const lines = [
    'flowchart LR',
    `  ${here}(["${thisMachine}"])`,
    ...nodes.map((node) => `  ${node.id}["${labelOf(node)}"]`),
    ...links.map((link) => `  ${link.from} ${arrows[link.kind]}${noteOf(link)} ${link.to}`),
    ...problems.map(
      ({ host, problem }, index) =>
        `  p${index + 1}["${escapeMermaid(host)}<br>${escapeMermaid(problem)}"]:::problem`,
    ),
  ]
  if (problems.length > 0) lines.push('  classDef problem stroke:#b3382c,stroke-dasharray:4')
  return `${lines.join('\n')}\n`
}

function labelOf(node: RouteNode): string {
  return `${escapeMermaid(namesOf(node))}<br>${escapeMermaid(addressOf(node))}`
}

function noteOf({ kind, command, by }: RouteLink): string {
  const note = command ?? by
  if (note !== undefined) return `|"${escapeMermaid(note)}"|`
  return kind === 'dialer' ? '|"dialer"|' : ''
}
