// Text -> the words that a shell would roughly make of it, and the blanks between them, with nothing lost: joined, they
// are the text again. For looking at commands, never for running them. Linear.

/** One word as it stands in the text, quotes included. */
export interface ShellWord {
  readonly text: string
  readonly pieces: readonly Piece[]
}

/** A part of a word: within one pair of quotes, or outside of any. */
export interface Piece {
  readonly open: string
  readonly text: string
  /** As `open`; empty where the text ends before the quotes do. */
  readonly close: string
  readonly isQuoted: boolean
}

/** Words and blanks by turns. In what stands within double quotes itself, `\"` is a quote. */
export function splitShell(
  text: string,
  { within }: { readonly within: string },
): readonly (string | ShellWord)[] {
  const parts: (string | ShellWord)[] = []
  for (let at = 0; at < text.length; ) {
    const blanks = matchAt(/\s+/y, text, at)
    const part = blanks === '' ? wordAt(text, at, within.endsWith('"')) : blanks
    parts.push(part)
    at += typeof part === 'string' ? part.length : part.text.length
  }
  return parts
}

function wordAt(text: string, start: number, isNested: boolean): ShellWord {
  const pieces: Piece[] = []
  let bare = start
  let at = start
  const endBare = () => {
    if (bare < at) pieces.push({ open: '', text: text.slice(bare, at), close: '', isQuoted: false })
  }
  while (at < text.length) {
    const slashes = matchAt(/\\+/y, text, at).length
    const quote = text[at + slashes] ?? ''
    if (slashes === 0 && /\s/.test(quote)) break
    const isEscapedQuote = isNested && quote === '"' && slashes < 4
    if ((quote === '"' || quote === "'") && (slashes % 2 === 0 || isEscapedQuote)) {
      // An even number of backslashes stand for themselves.
      const escapes = slashes % 2 === 0 ? 0 : slashes
      at += slashes - escapes
      endBare()
      const open = '\\'.repeat(escapes) + quote
      const from = at + open.length
      const end = findClose(text, from, { quote, escapes })
      pieces.push({
        open,
        text: text.slice(from, end),
        close: end === undefined ? '' : open,
        isQuoted: true,
      })
      at = end === undefined ? text.length : end + open.length
      bare = at
    } else at += slashes === 0 ? matchAt(/[^\s\\"']+/y, text, at).length : slashes + (slashes % 2)
  }
  at = Math.min(at, text.length)
  endBare()
  return { text: text.slice(start, at), pieces }
}

/** Where the closing quote begins, with its backslashes. */
function findClose(
  text: string,
  from: number,
  { quote, escapes }: { readonly quote: string; readonly escapes: number },
): number | undefined {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 1)) {
    if (quote === "'" && escapes === 0) return at
    let slashes = 0
    while (at - slashes > from && text[at - slashes - 1] === '\\') slashes++
    if (escapes === 0 ? slashes % 2 === 0 : slashes === escapes) return at - escapes
  }
  return undefined
}

function matchAt(sticky: RegExp, text: string, at: number): string {
  sticky.lastIndex = at
  return sticky.exec(text)?.[0] ?? ''
}
