// How much room text takes in a font whose characters are all equally wide, and text shortened to fit.

// East Asian Wide and Fullwidth (UAX 11), and pictures, which take two cells.
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u
const none = /[\p{M}\p{Cf}]/u

/** How many cells a text takes. */
export function cellsOf(text: string): number {
  let cells = 0
  for (const character of text) cells += none.test(character) ? 0 : wide.test(character) ? 2 : 1
  return cells
}

/** The text in at most `most` cells: both ends are kept, because both tell hosts apart, and `…` stands between. */
export function shortened(text: string, most: number): string {
  if (cellsOf(text) <= most) return text
  const characters = [...text]
  const tail = firstCells([...characters].reverse(), Math.floor((most - 1) / 2)).reverse()
  const head = firstCells(characters, most - 1 - cellsOf(tail.join('')))
  return `${head.join('')}…${tail.join('')}`
}

/** Text in lines of at most `width` cells, broken at blanks where there are any; the last one is shortened. */
export function wrapped(
  text: string,
  size: { readonly width: number; readonly lines: number },
): readonly string[] {
  const lines: string[] = []
  let rest = text
  while (lines.length < size.lines - 1 && cellsOf(rest) > size.width) {
    const head = firstCells([...rest], size.width).join('')
    const blank = head.lastIndexOf(' ')
    const line = blank > 0 ? head.slice(0, blank) : head
    lines.push(line)
    rest = rest.slice(line.length).trimStart()
  }
  return [...lines, shortened(rest, size.width)]
}

function firstCells(characters: readonly string[], most: number): string[] {
  let cells = 0
  const end = characters.findIndex((character) => {
    cells += cellsOf(character)
    return cells > most
  })
  return characters.slice(0, end < 0 ? characters.length : end)
}
