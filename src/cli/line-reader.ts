// The line that a person types on a raw terminal, where nobody else minds the keys.

/** How a line ended: with Enter, with Ctrl-D on an empty line, or with Ctrl-C. */
export type LineEnd = 'entered' | 'declined' | 'interrupted'

export class LineReader {
  #characters: string[] = []

  /** What was typed so far. */
  get text(): string {
    return this.#characters.join('')
  }

  /** Takes keys; returns how the line ended, once it has. What was typed after its end is dropped. */
  add(keys: string): LineEnd | undefined {
    for (const key of keys) {
      switch (key) {
        case '\r':
        case '\n':
          return 'entered'
        case '\u0003':
          return 'interrupted'
        case '\u0004':
          if (this.#characters.length === 0) return 'declined'
          break
        case '\u007f':
        case '\b':
          this.#characters.pop()
          break
        case '\u0015':
          this.#characters = []
          break
        default:
          if (key >= ' ' || key === '\t') this.#characters.push(key)
      }
    }
    return undefined
  }
}
