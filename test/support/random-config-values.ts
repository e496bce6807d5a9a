// Reads random-config-values.txt, which says what may stand after each keyword.

import { readFileSync } from 'node:fs'

/** Text after a keyword, as it stands on the line. */
export interface Values {
  /** Mostly accepted. */
  readonly usual: readonly string[]
  /** Mostly refused, or at an edge. */
  readonly odd: readonly string[]
}

const entries = new Map<string, Values>()
let current = ''
for (const line of readFileSync(new URL('./random-config-values.txt', import.meta.url), 'utf8').split('\n')) {
  const [, kind, list = ''] = /^ {2}(usual|odd) +(.*)$/.exec(line) ?? []
  if (kind !== undefined) {
    const { usual, odd } = entries.get(current) ?? { usual: [], odd: [] }
    const own = list.split(' ¦ ')
    entries.set(
      current,
      kind === 'usual' ? { usual: [...usual, ...own], odd } : { usual, odd: [...odd, ...own] },
    )
  } else if (/^[@A-Z]/.test(line)) {
    const [name = '', set = ''] = line.split(' ')
    current = name
    entries.set(name, entries.get(set) ?? { usual: [], odd: [] })
  }
}

/** By the keyword as ssh_config(5) spells it; other spellings and words of former days are there, too. */
export const keywordValues: ReadonlyMap<string, Values> = new Map(
  [...entries].filter(([name]) => !name.startsWith('@')),
)
