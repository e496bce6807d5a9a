// What has been obtained for one host so far: the first value wins, or values join as the table of keywords says; and a
// ProxyJump and a ProxyCommand exclude each other. Lives for one look-up.

import { joinObtained, type KeywordName } from '../keywords.js'
import type { Obtained } from '../obtained.js'
import type { Directive } from '../parse/parsed-file.js'

export interface Collected {
  readonly values: ReadonlyMap<KeywordName, readonly Obtained[]>
  /** The origins of values that came too late. */
  readonly beaten: ReadonlyMap<KeywordName, ReadonlySet<string>>
  /** Takes a value of a block that applies. */
  add(directive: Pick<Directive, 'keyword' | 'words' | 'origin'>): void
  /** The first word of the first value. */
  find(keyword: KeywordName): string | undefined
  /** From now on, a value of this keyword comes too late. */
  close(keyword: KeywordName): void
}

export function createCollected(): Collected {
  const values = new Map<KeywordName, readonly Obtained[]>()
  const beaten = new Map<KeywordName, Set<string>>()
  const closed = new Set<KeywordName>()
  const find = (keyword: KeywordName) => values.get(keyword)?.[0]?.words[0]

  /** readconf.c: each stands in the way of the other, `ProxyJump none` does not, and nothing in the way of it. */
  function isShutOut(keyword: KeywordName, [text]: readonly string[]): boolean {
    if (keyword === 'ProxyJump') return values.has('ProxyCommand') && !isNone(text)
    if (keyword === 'ProxyCommand') return !isNone(find('ProxyJump'))
    return false
  }

  return {
    values,
    beaten,
    find,
    add({ keyword, words, origin }) {
      const before = values.get(keyword) ?? []
      const isLate = closed.has(keyword) || isShutOut(keyword, words)
      const after = isLate ? before : joinObtained(keyword, before, Object.freeze({ words, origin }))
      if (after !== before) {
        values.set(keyword, after)
      } else if (!before.some((obtained) => obtained.origin === origin)) {
        const origins = beaten.get(keyword) ?? new Set()
        beaten.set(keyword, origins.add(origin))
      }
    },
    close(keyword) {
      closed.add(keyword)
    },
  }
}

function isNone(text = 'none'): boolean {
  return text.toLowerCase() === 'none'
}
