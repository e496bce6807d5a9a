// Text that came from another machine, made safe to show: no terminal escape, no forged line, no endless text.

// The first half of a character that was cut in two.
const loneHalf = /[\ud800-\udbff]$/
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/**
 * One line of foreign text, at most `limit` characters long, with control characters (C0, C1, DEL) and
 * direction overrides written as escapes (`\x1b`, `\u202e`).
 */
export function printable(text: string, limit = 200): string {
  const trimmed = text.trim()
  const cut = trimmed.length > limit ? `${trimmed.slice(0, limit).replace(loneHalf, '')}…` : trimmed
  return cut.replace(unsafe, escapeCharacter)
}

/** As {@link printable}, but keeps line feeds and tabs: for a tail of several lines. */
export function printableLines(text: string, limit: number): string {
  const tail = text.length > limit ? `…${text.slice(text.length - limit)}` : text
  return tail
    .replace(/\r\n/g, '\n')
    .replace(unsafe, (c) => (c === '\n' || c === '\t' ? c : escapeCharacter(c)))
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0)
  if (character === '\n') return '\\n'
  if (character === '\r') return '\\r'
  if (character === '\t') return '\\t'
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}
