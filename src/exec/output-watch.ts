// Finds given texts in a stream of bytes, across the borders of its pieces, and takes them out.

/** What may be found, by what it is called. */
export type WatchedTexts = Readonly<Record<string, Buffer | undefined>>

/** How to go on after a find; with `skip line end`, a line end that follows at once is taken out, too. */
export type AfterFind = 'go on' | 'skip line end' | 'leave'

type OnFound = (name: string, passedBytes: number) => AfterFind

/** For one stream. What could be the beginning of a text is held back until it is known. */
export class OutputWatch {
  readonly #texts: readonly (readonly [string, Buffer])[]
  readonly #onFound: OnFound
  #held: Buffer = Buffer.alloc(0)
  #passed = 0
  #left = false
  #lineEnd = ''

  /** `onFound` is told how many bytes were passed on before the text, and whether to look further. */
  constructor(texts: WatchedTexts, onFound: OnFound) {
    this.#texts = Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]]))
    this.#onFound = onFound
  }

  readonly pass = (chunk: Buffer): Buffer => {
    if (this.#left) return chunk
    let rest = this.#skipLineEnd(this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]))
    const passed: Buffer[] = []
    for (;;) {
      const found = this.#findFirst(rest)
      if (found === undefined) break
      passed.push(rest.subarray(0, found.at))
      this.#passed += found.at
      rest = rest.subarray(found.at + found.length)
      const next = this.#onFound(found.name, this.#passed)
      this.#left = next === 'leave'
      if (this.#left) break
      this.#lineEnd = next === 'skip line end' ? '\r\n' : ''
      rest = this.#skipLineEnd(rest)
    }
    const keep = this.#left ? 0 : this.#lengthOfBeginning(rest)
    const end = rest.length - keep
    passed.push(rest.subarray(0, end))
    this.#passed += end
    this.#held = rest.subarray(end)
    return Buffer.concat(passed)
  }

  readonly finish = (): Buffer => {
    const held = this.#held
    this.#held = Buffer.alloc(0)
    return held
  }

  #skipLineEnd(bytes: Buffer): Buffer {
    let at = 0
    while (this.#lineEnd !== '' && at < bytes.length) {
      if (bytes[at] !== this.#lineEnd.charCodeAt(0)) this.#lineEnd = ''
      else {
        at += 1
        this.#lineEnd = this.#lineEnd.slice(1)
      }
    }
    return bytes.subarray(at)
  }

  #findFirst(
    bytes: Buffer,
  ): { readonly name: string; readonly at: number; readonly length: number } | undefined {
    return this.#texts
      .map(([name, text]) => ({ name, at: bytes.indexOf(text), length: text.length }))
      .filter(({ at }) => at !== -1)
      .sort((a, b) => a.at - b.at)[0]
  }

  /** How many bytes at the end could be the beginning of a text. */
  #lengthOfBeginning(bytes: Buffer): number {
    const longest = Math.max(...this.#texts.map(([, text]) => text.length - 1), 0)
    for (let length = Math.min(longest, bytes.length); length > 0; length--) {
      const end = bytes.subarray(bytes.length - length)
      if (this.#texts.some(([, text]) => text.subarray(0, length).equals(end))) return length
    }
    return 0
  }
}
