// Foreign text as it goes into a map: one printable line of well-formed Unicode.

import { printable } from '../printable.js'

/** The longest text that a map holds, in characters; pictures shorten further, pages do not. */
const limit = 1000

// Halves of characters, and what is no character: XML has no way to write them (XML 1.0, 2.2 Char).
const unwritable = /[\ud800-\udfff\ufffe\uffff]/gu

/** The text on one line, at most 1000 characters long, with control characters as escapes. */
export function shownText(text: string): string {
  return printable(text, limit).replace(unwritable, '\ufffd')
}
