// Where in shell text a single-quoted value does not stay one word. Errs to the side of refusing; it is no parser.

/** What can be open in shell text, by the token that opens it, and what closes it. */
const closers = new Map<string | undefined, string>([
  ["'", "'"],
  ["$'", "'"],
  ['"', '"'],
  ['`', '`'],
  ['(', ')'],
  ['((', ')'],
])

/** A here-document is announced on one line and begins on the next; `<<<` and `1 << 2` are none. */
const hereDocument = /(?<!<)<<-?[ \t]*[A-Za-z_'"\\]/y

/**
 * What the end of `text` stands inside of, when single quotes would not protect a value there; `undefined` when they
 * do, as in plain text and inside `$(…)`. POSIX.1-2017 XCU 2.2, 2.6.3, 2.6.4, 2.7.4.
 */
export function findUnsafePlace(text: string): string | undefined {
  const open: string[] = []
  let announced = false
  for (let at = 0; at < text.length; at += 1) {
    const inside = open.at(-1)
    const character = text.charAt(at)
    if (inside === "'") {
      if (character === "'") open.pop()
    } else if (character === '\\') {
      at += 1
    } else if (character === closers.get(inside)) {
      open.pop()
    } else if (inside === "$'") {
      // Only the closing quote and the backslash are special.
    } else if (character === '"' || character === '`') {
      open.push(character)
    } else if (character === '(' && (inside !== '"' || text.charAt(at - 1) === '$')) {
      open.push(text.charAt(at + 1) === '(' ? '((' : '(')
    } else if (inside === '"') {
      // Only the closing quote, the backslash and substitutions are special.
    } else if (character === "'") {
      open.push(text.charAt(at - 1) === '$' ? "$'" : "'")
    } else if (character === '#' && /^$|[\s;&|()]/.test(text.charAt(at - 1))) {
      const end = text.indexOf('\n', at)
      if (end === -1) return 'a comment'
      at = end - 1
    } else if (character === '\n' && announced) {
      return 'a here-document'
    } else {
      hereDocument.lastIndex = at
      announced ||= hereDocument.test(text)
    }
  }
  if (open.includes('((')) return 'arithmetic'
  if (open.includes('`')) return 'backquotes'
  const inside = open.at(-1)
  return inside === undefined || inside === '(' ? undefined : 'quotes'
}
