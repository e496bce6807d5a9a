// The map as JSON, for programs. docs/guide/map.md describes it; what changes its meaning changes its version.

import type { RouteGraph } from './graph.js'

/** The version of the format. New fields do not change it. */
const version = 1

/** The graph as JSON, indented, with a final line feed. */
export function mapToJson({ nodes, links, hosts }: RouteGraph): string {
  return `${JSON.stringify({ version, hosts, nodes, links }, undefined, 2)}\n`
}
