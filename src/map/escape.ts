// Text from a configuration inside a format: what it says is shown, and can never end where it stands.

/** Text as content or as a quoted attribute of XML and HTML. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

// `</script` ends a script, `<!--` opens a comment in it, and two separators end a line in old engines.
const endsScript = /[<>&\u2028\u2029]/g

/** A value as JSON that may stand inside a script element of HTML. */
export function jsonInScript(value: unknown): string {
  return JSON.stringify(value).replace(
    endsScript,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

// Quotes, brackets, `%%{` and backquotes have a meaning in Mermaid, and markup has one in what shows it.
const plain = /[^\p{L}\p{N} @:._/=,…-]/gu

/** Text inside a quoted label of Mermaid, by its entity codes. */
export function escapeMermaid(text: string): string {
  return text.replace(plain, (character) => `#${character.codePointAt(0)};`)
}
