// Which blocks of a file can matter to a host: with thousands of Host lines that are plain names, nearly none do. Pure.

import type { Block } from './parsed-file.js'

/** Finds the blocks that have to be looked at for a host, in their order. */
export function indexByHost(blocks: readonly Block[]): (host: string) => readonly Block[] {
  const places = new Map<Block, number>()
  const general: Block[] = []
  const byName = new Map<string, Block[]>()
  for (const [place, block] of blocks.entries()) {
    places.set(block, place)
    const names = plainNames(block)
    if (names === undefined) general.push(block)
    for (const name of names ?? []) {
      const known = byName.get(name)
      if (known === undefined) byName.set(name, [block])
      else known.push(block)
    }
  }
  const placeOf = (block: Block) => places.get(block) ?? 0
  return (host) => {
    const named = byName.get(host)
    if (named === undefined) return general
    return [...general, ...named].sort((a, b) => placeOf(a) - placeOf(b))
  }
}

/** The names for which alone the block matters, each once; undefined when it may matter to any host. */
function plainNames({ condition, inAnyCase }: Block): ReadonlySet<string> | undefined {
  if (condition.kind !== 'Host' || inAnyCase.length > 0) return undefined
  return condition.patterns.some((pattern) => /^!|[*?]/.test(pattern))
    ? undefined
    : new Set(condition.patterns)
}
