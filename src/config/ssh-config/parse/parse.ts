// The text of one configuration file -> its blocks. Every line is read here, once, by the table of keywords; what is
// wrong with a line is kept beside the good ones. Which blocks apply is evaluate.ts's. Pure.

import { printable } from '../../../printable.js'
import type { Env } from '../../home-path.js'
import { type Arguments, Unacceptable } from '../keyword.js'
import { findKeyword, findRetired, keywords } from '../keywords.js'
import { indexByHost } from './host-index.js'
import { parseCriteria } from './match-line.js'
import type { Block, Condition, Line, ParsedFile } from './parsed-file.js'
import { splitLine } from './words.js'

/** OpenSSH has no limit; no keyword has a meaning for this much. */
const longestLine = 2 ** 20

/**
 * Parses a file; never throws. `label` names it in origins: the second line is `label:2`. `env` is for the few keywords
 * that take variables of the environment where they stand.
 */
export function parseFile(text: string, label: string, env: Env): ParsedFile {
  const blocks: Block[] = []
  let condition: Condition = { kind: 'start of file' }
  let lines: Line[] = []
  const endBlock = () => {
    blocks.push(createBlock(condition, lines))
    lines = []
  }
  let number = 0
  for (const line of text.split('\n')) {
    number += 1
    const origin = `${label}:${number}`
    try {
      const parsed = parseLine(line, { origin, env })
      if (parsed === undefined) continue
      if (parsed.kind === 'Host' || parsed.kind === 'Match') {
        endBlock()
        condition = parsed
      } else {
        lines.push(parsed)
      }
    } catch (error) {
      if (!(error instanceof Unacceptable)) throw error
      if (error instanceof UnacceptableCondition) {
        endBlock()
        condition = { kind: 'never' }
      }
      lines.push({ kind: 'problem', problem: { origin, message: error.message } })
    }
  }
  endBlock()
  return { label, blocks, blocksFor: indexByHost(blocks) }
}

/** A directive of the query, as of `-o`; undefined when the text says nothing. Throws {@link Unacceptable}. */
export function parseDirective(text: string, place: LinePlace): Line | undefined {
  const parsed = parseLine(text, place)
  if (parsed?.kind === 'Host' || parsed?.kind === 'Match' || parsed?.kind === 'include') {
    throw new Unacceptable('Host, Match and Include stand in files only')
  }
  return parsed
}

export interface LinePlace {
  readonly origin: string
  readonly env: Env
}

class UnacceptableCondition extends Unacceptable {}

/** A line that begins a block. */
type Opening = Extract<Condition, { kind: 'Host' | 'Match' }>

function createBlock(condition: Condition, lines: readonly Line[]): Block {
  const criteria = condition.kind === 'Match' ? condition.criteria : []
  return {
    condition,
    lines,
    inAnyCase: lines.filter(
      (line) => line.kind !== 'directive' || keywords[line.keyword].everywhere === true,
    ),
    patterns: patternsOf(condition),
    requestsFinal: criteria.some(({ name }) => name === 'final'),
    runs: criteria.some(({ name }) => name === 'exec'),
  }
}

function patternsOf(condition: Condition): number {
  if (condition.kind === 'Host') return condition.patterns.length
  if (condition.kind !== 'Match') return 0
  return condition.criteria.reduce((sum, { patterns }) => sum + patterns.length, 0)
}

function parseLine(text: string, { origin, env }: LinePlace): Line | Opening | undefined {
  if (text.length > longestLine) throw new Unacceptable(`longer than ${longestLine} characters`)
  const split = splitLine(text)
  if (split === undefined) return undefined
  const { keyword, args } = split
  if (keyword === 'host') return { kind: 'Host', patterns: hostPatterns(args) }
  if (keyword === 'match') return matchCondition(args, origin)
  if (keyword === 'include') return { kind: 'include', paths: withoutEmpty(args.words, 'Include'), origin }
  const found = findKeyword(keyword)
  if (found === undefined) return retiredOrUnknown(keyword, origin)
  try {
    return { kind: 'directive', keyword: found.name, words: found.keyword.read(args, env), origin }
  } catch (error) {
    if (!(error instanceof Unacceptable)) throw error
    throw new Unacceptable(`${found.name}: ${error.message}`)
  }
}

function retiredOrUnknown(keyword: string, origin: string): Line | undefined {
  const retired = findRetired(keyword)
  if (retired === undefined) return { kind: 'unknown', keyword, origin }
  if (retired === 'ignored') return undefined
  return { kind: 'remark', text: `${origin}: unsupported option "${printable(keyword)}"` }
}

function hostPatterns({ words }: Arguments): readonly string[] {
  return asCondition(() => withoutEmpty(words, 'Host'))
}

function matchCondition({ words }: Arguments, origin: string): Opening {
  return { kind: 'Match', criteria: asCondition(() => parseCriteria(words)), origin }
}

function asCondition<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof Unacceptable ? new UnacceptableCondition(error.message) : error
  }
}

function withoutEmpty(words: readonly string[], keyword: string): readonly string[] {
  if (words.includes('')) throw new Unacceptable(`${keyword} has an empty argument`)
  return words
}
