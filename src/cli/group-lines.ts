// The bytes that a command writes, as lines that may stand on any screen: whole, each on one line, and of bounded length.

import { printableLines } from '../index.js'

const longestLineBytes = 16 * 1024

/** Cuts one stream of bytes into lines. Keeps no more than the beginning of the next line. */
export class LineCutter {
  #held = Buffer.alloc(0)

  /** The lines that have become whole. One of more than 16 KiB is given in pieces, each of which but the last ends in `…`. */
  add(chunk: Uint8Array): readonly string[] {
    const lines: string[] = []
    let rest = this.#held.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#held, chunk])
    while (true) {
      const end = rest.indexOf(10)
      if (end >= 0 && end <= longestLineBytes) {
        lines.push(shown(rest.subarray(0, end)))
        rest = rest.subarray(end + 1)
      } else if (rest.length > longestLineBytes) {
        const cut = beforeCharacter(rest, longestLineBytes)
        lines.push(`${shown(rest.subarray(0, cut))}…`)
        rest = rest.subarray(cut)
      } else {
        // A copy: the rest of a large chunk would keep all of it.
        this.#held = Buffer.from(rest)
        return lines
      }
    }
  }

  /** The last line, where it did not end in a line feed. */
  end(): readonly string[] {
    const rest = this.#held
    this.#held = Buffer.alloc(0)
    return rest.length === 0 ? [] : [shown(rest)]
  }
}

/** A carriage return at the end is of the line's end; any other would hide what stands before it. */
function shown(line: Buffer): string {
  return printableLines(line.toString('utf8').replace(/\r$/, ''), Number.POSITIVE_INFINITY)
}

/** At most `at`, and not within a character (RFC 3629: what follows its first byte begins with the bits 10). */
function beforeCharacter(bytes: Buffer, at: number): number {
  for (let cut = at; cut > at - 4; cut -= 1) if (((bytes[cut] ?? 0) & 0xc0) !== 0x80) return cut
  return at
}
