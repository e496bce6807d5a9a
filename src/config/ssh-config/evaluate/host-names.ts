// The hosts that a configuration names, for a map of all of them. Pure.

import type { Block } from '../parse/parsed-file.js'

/** The names in Host lines that are no patterns, and the hosts of ProxyJump, in the order of the blocks, each once. */
export function hostNamesOf(blocks: readonly Block[]): readonly string[] {
  return [...new Set(blocks.flatMap((block) => [...namesOfHostLine(block), ...jumpHosts(block)]))]
}

function namesOfHostLine({ condition }: Block): readonly string[] {
  return condition.kind === 'Host' ? condition.patterns.filter((pattern) => !/^!|[*?]/.test(pattern)) : []
}

function jumpHosts({ lines }: Block): readonly string[] {
  return lines.flatMap((line) =>
    line.kind === 'directive' && line.keyword === 'ProxyJump'
      ? line.words.flatMap((word) => word.split(',')).flatMap(hostOfHop)
      : [],
  )
}

// `user@host:port`, `ssh://user@host:port/`, `[v6]:port`; the words were found good before.
function hostOfHop(hop: string): readonly string[] {
  const address = hop.replace(/^ssh:\/\//, '').replace(/^.*@/, '')
  const host = /^\[([^\]]*)\]/.exec(address)?.[1] ?? /^[^:/]*/.exec(address)?.[0] ?? ''
  return host === '' || host.includes('%') || host.toLowerCase() === 'none' ? [] : [host]
}
