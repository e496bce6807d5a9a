// A document as JSON that a terminal may show: what a server or a configuration said stays text.

/** Indented by two, without a final line feed. Characters that steer a terminal or turn text are escapes of JSON. */
export function jsonText(document: unknown): string {
  return JSON.stringify(document, undefined, 2).replace(steering, escaped)
}

/** The same on one line, for documents that are told one after the other. */
export function jsonLine(document: unknown): string {
  return JSON.stringify(document).replace(steering, escaped)
}

// Controls, formats, and the separators of lines and paragraphs (Unicode categories Cc, Cf, Zl, Zp). JSON.stringify
// escapes those below U+0020, and the line feeds that it sets itself shall stay.
const steering = /[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu

function escaped(character: string): string {
  return character.split('').map(escapedUnit).join('')
}

// Of UTF-16: what lies beyond U+FFFF is two escapes (RFC 8259, section 7).
function escapedUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
