// The files that a pattern of an Include names, as glob(3) finds them for ssh: `*`, `?`, `[a-z]`, backslashes; no
// braces. Matching a name is pure and takes at most name times pattern steps; directories are read here.

import { lstat, readdir } from 'node:fs/promises'
import { matchesParts } from '../../pattern.js'

/** One character of a pattern. */
type Part =
  | { readonly kind: 'one'; readonly char: string }
  | { readonly kind: 'any one' }
  | { readonly kind: 'any' }
  | { readonly kind: 'set'; readonly negated: boolean; readonly members: readonly Member[] }

type Member = { readonly from: string; readonly to: string } | RegExp

const classes: ReadonlyMap<string, RegExp> = new Map([
  ['alnum', /^[A-Za-z0-9]$/],
  ['alpha', /^[A-Za-z]$/],
  ['blank', /^[ \t]$/],
  ['cntrl', /^[\u0000-\u001f\u007f]$/],
  ['digit', /^[0-9]$/],
  ['graph', /^[!-~]$/],
  ['lower', /^[a-z]$/],
  ['print', /^[ -~]$/],
  ['punct', /^[!-/:-@[-`{-~]$/],
  ['space', /^[ \t-\r]$/],
  ['upper', /^[A-Z]$/],
  ['xdigit', /^[0-9A-Fa-f]$/],
])

/** The names that match an absolute pattern, in the order of their bytes. What cannot be read holds no names. */
export async function glob(pattern: string): Promise<readonly string[]> {
  let paths: readonly string[] = ['']
  let arePresent = false
  for (const component of pattern.split('/').slice(1)) {
    const parts = parseComponent(component)
    const text = plainText(parts)
    if (text !== undefined) {
      paths = paths.map((path) => `${path}/${text}`)
      arePresent = false
      continue
    }
    const found = await Promise.all(paths.map(async (path) => below(path, await namesIn(path || '/'), parts)))
    paths = found.flat()
    arePresent = true
  }
  const present = arePresent ? paths : await onlyPresent(paths)
  return present.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

function below(path: string, names: readonly string[], parts: readonly Part[]): readonly string[] {
  const [first] = parts
  const showsHidden = first?.kind === 'one' && first.char === '.'
  return names
    .filter((name) => (showsHidden || !name.startsWith('.')) && matchesName(name, parts))
    .map((name) => `${path}/${name}`)
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch {
    return []
  }
}

async function onlyPresent(paths: readonly string[]): Promise<readonly string[]> {
  const present = await Promise.all(paths.map(async (path) => ((await exists(path)) ? [path] : [])))
  return present.flat()
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path || '/')
    return true
  } catch {
    return false
  }
}

/** Whether a name matches one component of a pattern; exported for its tests. */
export function matchesComponent(name: string, component: string): boolean {
  return matchesName(name, parseComponent(component))
}

function plainText(parts: readonly Part[]): string | undefined {
  if (!parts.every((part) => part.kind === 'one')) return undefined
  return parts.map(({ char }) => char).join('')
}

function parseComponent(component: string): readonly Part[] {
  const chars = [...component]
  const parts: Part[] = []
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? ''
    const set = char === '[' ? parseSet(chars, at + 1) : undefined
    if (set !== undefined) {
      parts.push(set.part)
      at = set.end
    } else if (char === '*') {
      parts.push({ kind: 'any' })
    } else if (char === '?') {
      parts.push({ kind: 'any one' })
    } else if (char === '\\' && at + 1 < chars.length) {
      at += 1
      parts.push({ kind: 'one', char: chars[at] ?? '' })
    } else {
      parts.push({ kind: 'one', char })
    }
  }
  return parts
}

/** A set whose first character stands at `start`; `end` is its bracket's place. Undefined when it is not closed. */
function parseSet(chars: readonly string[], start: number): { part: Part; end: number } | undefined {
  const negated = chars[start] === '!'
  const first = negated ? start + 1 : start
  const members: Member[] = []
  for (let at = first; at < chars.length; at++) {
    if (chars[at] === ']' && at > first) return { part: { kind: 'set', negated, members }, end: at }
    const named = chars[at] === '[' && chars[at + 1] === ':' ? findClass(chars, at + 2) : undefined
    if (named !== undefined) {
      members.push(named.members)
      at = named.end
      continue
    }
    if (chars[at] === '\\') at += 1
    const from = chars[at] ?? ''
    const isRange = chars[at + 1] === '-' && chars[at + 2] !== ']' && at + 2 < chars.length
    const to = isRange ? (chars[at + 2] ?? '') : from
    if (isRange) at += 2
    members.push({ from, to })
  }
  return undefined
}

function findClass(chars: readonly string[], start: number): { members: RegExp; end: number } | undefined {
  // The longest name has six letters.
  const close = chars.slice(start, start + 8).indexOf(':')
  const members = classes.get(chars.slice(start, start + close).join(''))
  if (close < 0 || members === undefined || chars[start + close + 1] !== ']') return undefined
  return { members, end: start + close + 1 }
}

function matchesName(name: string, parts: readonly Part[]): boolean {
  return matchesParts([...name], parts, {
    isStar: ({ kind }) => kind === 'any',
    takes: (part, char) => matchesPart(char, part),
  })
}

function matchesPart(char: string, part: Part): boolean {
  if (part.kind === 'one') return part.char === char
  if (part.kind !== 'set') return true
  const isMember = part.members.some((member) =>
    member instanceof RegExp ? member.test(char) : member.from <= char && char <= member.to,
  )
  return isMember !== part.negated
}
