// The text of a YAML file -> data. The library only parses: what it makes of keys and aliases takes it far longer than the
// length of the text accounts for, and such a file may be a stranger's. Loaded with the first file that needs it.

import { isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument } from 'yaml'
import type { ConfigError } from '../../errors.js'
import { problemsError } from './problems.js'

/** The library takes seconds for a megabyte. */
const largestText = 256 * 2 ** 10

/** Deeper than any configuration, and far from what a stack can hold. */
const deepest = 100

/** How many values may stand in a file by way of aliases: each is looked at wherever it stands. */
const mostByAlias = 100_000

/** Reads YAML 1.2; there is no merge of keys. Throws ConfigError CONFIG_INVALID, or CONFIG_UNUSABLE for more than 256 KiB. */
export function parseYaml(text: string, label: string): unknown {
  if (text.length > largestText) {
    const problem = { origin: label, message: `is larger than ${largestText / 2 ** 10} KiB` }
    throw problemsError('CONFIG_UNUSABLE', [problem], { hint: 'write it as JSON' })
  }
  const lines = new LineCounter()
  const malformed = (why: string, offset: number): ConfigError =>
    problemsError('CONFIG_INVALID', [
      { origin: `${label}:${lines.linePos(offset).line}`, message: `is not YAML: ${why}` },
    ])
  try {
    const { contents, errors } = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'error',
      uniqueKeys: false,
      schema: 'core',
      merge: false,
    })
    const [error] = errors
    if (error !== undefined) throw malformed(error.code.toLowerCase().replaceAll('_', ' '), error.pos[0])
    return dataOf(contents, malformed)
  } catch (error) {
    // The library gives up where it is too deep.
    if (error instanceof RangeError)
      throw problemsError('CONFIG_INVALID', [{ origin: label, message: 'is not YAML' }])
    throw error
  }
}

/** What a node stands for, and how many values that is. */
interface Data {
  readonly value: unknown
  readonly size: number
}

function dataOf(contents: unknown, malformed: (why: string, offset: number) => ConfigError): unknown {
  /** An alias means the last node of its name before it, which is `undefined` until it is complete. */
  const anchors = new Map<string, Data | undefined>()
  let byAlias = 0
  let offset = 0

  function read(node: unknown, depth: number): Data {
    if (!isMap(node) && !isSeq(node) && !isScalar(node) && !isAlias(node)) return { value: null, size: 1 }
    offset = node.range?.[0] ?? offset
    if (isAlias(node)) return readAlias(node.source)
    if (depth > deepest) throw malformed(`nested more than ${deepest} levels deep`, offset)
    if (node.anchor !== undefined) anchors.set(node.anchor, undefined)
    const data = isMap(node)
      ? readMap(node.items, depth)
      : isSeq(node)
        ? readList(node.items, depth)
        : { value: node.value, size: 1 }
    if (node.anchor !== undefined) anchors.set(node.anchor, data)
    return data
  }

  function readAlias(name: string): Data {
    const data = anchors.get(name)
    if (data === undefined) throw malformed('alias of nothing before it', offset)
    byAlias += data.size
    if (byAlias > mostByAlias) throw malformed('too many aliases', offset)
    return data
  }

  function readList(items: readonly unknown[], depth: number): Data {
    const entries = items.map((item) => read(item, depth + 1))
    return { value: entries.map(({ value }) => value), size: sizeOf(entries) }
  }

  function readMap(pairs: readonly Pair[], depth: number): Data {
    const object: Record<string, unknown> = Object.create(null)
    const entries = pairs.map(({ key, value }) => {
      const name = nameOf(key, depth)
      if (Object.hasOwn(object, name)) throw malformed('duplicate key', offset)
      const data = read(value, depth + 1)
      object[name] = data.value
      return data
    })
    return { value: object, size: sizeOf(entries) }
  }

  function nameOf(key: unknown, depth: number): string {
    const { value } = read(key, depth + 1)
    if (typeof value === 'object' && value !== null) throw malformed('key that is no word', offset)
    return String(value ?? '')
  }

  return read(contents, 0).value
}

function sizeOf(entries: readonly Data[]): number {
  return entries.reduce((sum, { size }) => sum + size, 1)
}
