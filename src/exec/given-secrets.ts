// What was told to a program and may be a secret: a terminal may show it again, and then it must not get into errors.

import { hidden } from '../secret-text.js'

// Anything shorter is part of ordinary words, so that it is hidden only where it stands alone.
const shortest = 4

/** The texts that were given, to be hidden in what is shown. */
export class GivenSecrets {
  readonly #texts = new Set<string>()

  /** Each of its lines, as a terminal shows them. */
  add(text: string): void {
    for (const line of text.split(/[\r\n]+/)) {
      const bare = line.trim()
      if (bare !== '') this.#texts.add(bare)
    }
  }

  /** The text with `[secret]` for what was given. */
  hide(text: string): string {
    if (this.#texts.size === 0) return text
    const longestFirst = [...this.#texts].sort((a, b) => b.length - a.length)
    const any = longestFirst.map((secret) => {
      const literal = secret.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
      return secret.length < shortest ? `(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])` : literal
    })
    return text.replace(new RegExp(any.join('|'), 'gu'), () => hidden)
  }

  /** The values are for nobody's eyes. */
  toJSON(): Record<string, never> {
    return {}
  }
}
