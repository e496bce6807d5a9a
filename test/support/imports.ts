// What a module's text imports, read without a compiler: static, type-only, re-exported, side-effect, dynamic and
// inline type imports, and require. Comments are passed over; a specifier that is not a plain string is not seen.

const comments = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm
const statements = /^\s*(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*['"]([^'"]+)['"]/gm
const calls = /\b(?:import|require)\(\s*['"]([^'"]+)['"]/g

/** The specifiers, each once, in the order in which they are first met. */
export function importsOf(text: string): readonly string[] {
  const code = text.replace(comments, '')
  const found = [...code.matchAll(statements), ...code.matchAll(calls)].map(([, specifier = '']) => specifier)
  return [...new Set(found)]
}

/** The text without comments and without what stands in quotes: for looking for words of the language. */
export function withoutCommentsAndStrings(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, '')
}
