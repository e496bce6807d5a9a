// One line of ssh_config(5) -> its keyword and its arguments, split and unquoted exactly as ssh does it. Which keywords
// there are, and what their arguments mean, is decided elsewhere. Pure, and linear in the length of the line.

import { asciiLowerCase } from '../../ascii-lower-case.js'
import { type Arguments, Unacceptable } from '../keyword.js'

const blanks = ' \t\r\n'

/**
 * Splits a line into its keyword, in lower case, and its arguments; `undefined` when nothing stands on it. Throws
 * {@link Unacceptable} when the arguments are missing or a quote is not closed. A NUL ends the line.
 */
export function splitLine(line: string): { readonly keyword: string; readonly args: Arguments } | undefined {
  const text = withoutTrailingBlanks(line)
  let first = delimited(text, 0)
  // Blanks, or an equals sign, may come before the keyword.
  if (first?.word === '' && first.next !== undefined) first = delimited(text, first.next)
  // A quote in the keyword that is not closed makes the line void; ssh passes over it without a word.
  if (first === undefined || first.word === '' || first.word.startsWith('#')) return undefined
  const keyword = asciiLowerCase(first.word)
  const rest = first.next === undefined ? '' : text.slice(skip(text, first.next, blanks))
  if (rest === '') throw new Unacceptable(`no argument after keyword${inQuotes(keyword)}`)
  return { keyword, args: { words: splitWords(rest), rest } }
}

/**
 * A word that stands in the place of a keyword, with a blank and quotes for a message; empty for one that cannot be meant
 * as a keyword. An Include may name any file, and what that holds instead of keywords may be secret.
 */
export function inQuotes(keyword: string): string {
  return /^[a-z][a-z0-9]{0,29}$/.test(keyword) ? ` "${keyword}"` : ''
}

/**
 * Splits text into words at blanks, and takes away quotes and the backslashes that escape; a word that begins with `#`
 * ends the text. Throws {@link Unacceptable} for a quote that is not closed.
 */
export function splitWords(text: string): readonly string[] {
  const words: string[] = []
  let at = skip(text, 0, ' \t')
  while (at < text.length && text[at] !== '#') {
    const { word, end } = quotedWord(text, at)
    words.push(word)
    at = skip(text, end, ' \t')
  }
  return words
}

/** A word that begins at `start`: quotes may stand anywhere in it. */
function quotedWord(text: string, start: number): { readonly word: string; readonly end: number } {
  let word = ''
  let quote = ''
  let at = start
  for (; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '\\' && isEscaped(text.charAt(at + 1), quote)) word += text.charAt(++at)
    else if (quote === '' && (char === ' ' || char === '\t')) break
    else if (quote === '' && (char === '"' || char === "'")) quote = char
    else if (quote !== '' && char === quote) quote = ''
    else word += char
  }
  if (quote !== '') throw new Unacceptable('invalid quotes')
  return { word, end: at }
}

function isEscaped(char: string, quote: string): boolean {
  return char === '"' || char === "'" || char === '\\' || (char === ' ' && quote === '')
}

/**
 * The word up to the first blank, equals sign or quote, and where what follows begins. A quoted part ends the word, too.
 * `next` is undefined at the end of the text; the whole is undefined when a quote is not closed.
 */
function delimited(
  text: string,
  start: number,
): { readonly word: string; readonly next: number | undefined } | undefined {
  let end = start
  while (end < text.length && !' \t\r\n"='.includes(text.charAt(end))) end++
  if (end === text.length) return { word: text.slice(start), next: undefined }
  if (text[end] === '"') {
    const close = text.indexOf('"', end + 1)
    if (close < 0) return undefined
    return { word: text.slice(start, end) + text.slice(end + 1, close), next: skip(text, close + 1, blanks) }
  }
  const next = skip(text, end + 1, blanks)
  // One equals sign belongs to what separates.
  const isBeforeEquals = text[end] !== '=' && text[next] === '='
  return { word: text.slice(start, end), next: isBeforeEquals ? skip(text, next + 1, blanks) : next }
}

function withoutTrailingBlanks(line: string): string {
  const nul = line.indexOf('\0')
  const text = nul < 0 ? line : line.slice(0, nul)
  let end = text.length
  while (end > 1 && ' \t\r\n\f'.includes(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

function skip(text: string, start: number, chars: string): number {
  let at = start
  while (at < text.length && chars.includes(text.charAt(at))) at++
  return at
}
