// Host names looked up by the system, for the canonical names of ssh_config(5) CanonicalizeHostname.

import { lookup, resolveCname } from 'node:dns/promises'
import type { FindName } from './canonical.js'

/** More aliases in a row than this are a loop. */
const longestChain = 16

/** By getaddrinfo(3); aliases by CNAME records, because Node does not tell getaddrinfo's canonical name. */
export const findName: FindName = async (name, { followsAliases, family }) => {
  try {
    await lookup(name, { family })
  } catch {
    return undefined
  }
  const bare = name.replace(/\.$/, '')
  return followsAliases ? endOfAliases(bare) : bare
}

async function endOfAliases(name: string): Promise<string> {
  let target = name
  for (let length = 0; length < longestChain; length++) {
    const next = await findAlias(target)
    if (next === undefined) return target
    target = next
  }
  return name
}

async function findAlias(name: string): Promise<string | undefined> {
  try {
    const [target] = await resolveCname(name)
    return target?.replace(/\.$/, '')
  } catch {
    return undefined
  }
}
