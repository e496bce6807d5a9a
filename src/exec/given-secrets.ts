// What was told to a program and may be a secret: a terminal may show it again, and then it must not get into errors.

import { hidden } from '../secret-text.js'

// Anything shorter is part of ordinary words, so that it is hidden only where it stands alone.
const shortest = 4
// No character: it stands where a secret stood until all are found, some of which may be part of `[secret]`.
const mark = '\uffff'

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
    const longestFirst = [...this.#texts].sort((a, b) => b.length - a.length)
    const marked = longestFirst.reduce((shown, secret) => {
      if (secret.length >= shortest) return shown.replaceAll(secret, mark)
      const literal = secret.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
      return shown.replace(new RegExp(`(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`, 'gu'), mark)
    }, text)
    return marked.replaceAll(mark, hidden)
  }

  /** The values are for nobody's eyes. */
  toJSON(): Record<string, never> {
    return {}
  }
}
