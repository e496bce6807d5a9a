// Glob patterns on either side: the paths that match, sorted. A path that exists as it is written wins over the pattern,
// which its caller sees to. `*` does not match names that begin with a dot; extglobs are plain text, because a pattern
// meets names of a server's choosing, and they can be made to take for ever.

import picomatch from 'picomatch'

/** The directories that a pattern is looked for in. */
export interface GlobSide {
  /** The entries of a directory, the empty path for the one that relative paths begin in; none where it is no directory. */
  list(path: string): Promise<readonly GlobEntry[]>
  exists(path: string): Promise<boolean>
  /** Backslashes separate, too. */
  readonly windows: boolean
}

export interface GlobEntry {
  readonly name: string
  /** Symbolic links are `other`, and are not gone into by `**`, but by `*` they are. */
  readonly kind: 'directory' | 'file' | 'symlink'
}

/** How deep `**` goes. */
const maxDepth = 64

/** Whether the text has anything that a pattern has and a name rarely. */
export function isGlob(text: string, windows: boolean): boolean {
  return picomatch.scan(windows ? text.replaceAll('\\', '/') : text).isGlob
}

/** The paths that match, in the order of their text. */
export async function expandGlob(pattern: string, side: GlobSide): Promise<readonly string[]> {
  const text = side.windows ? pattern.replaceAll('\\', '/') : pattern
  const root = /^(?:[A-Za-z]:)?\/+/.exec(text)?.[0] ?? ''
  const parts = splitParts(text.slice(root.length))
  const found = new Set<string>()
  await search(side, { path: root, parts, depth: 0 }, found)
  return [...found].sort()
}

interface Place {
  readonly path: string
  readonly parts: readonly string[]
  readonly depth: number
}

async function search(side: GlobSide, { path, parts, depth }: Place, found: Set<string>): Promise<void> {
  const [part, ...rest] = parts
  if (part === undefined || depth > maxDepth) return
  const at = (name: string): string => (path === '' || path.endsWith('/') ? path + name : `${path}/${name}`)
  if (!picomatch.scan(part).isGlob) {
    const next = at(part.replace(/\\(.)/g, '$1'))
    if (rest.length > 0) await search(side, { path: next, parts: rest, depth: depth + 1 }, found)
    else if (await side.exists(next)) found.add(next)
    return
  }
  const isAnyDepth = part === '**'
  if (isAnyDepth && rest.length > 0) await search(side, { path, parts: rest, depth: depth + 1 }, found)
  const matches = picomatch(isAnyDepth ? '*' : part, { noext: true, posix: true, windows: false })
  for (const { name, kind } of await side.list(path)) {
    if (!matches(name)) continue
    const next = at(name)
    if (rest.length === 0) found.add(next)
    if (isAnyDepth && kind === 'directory') await search(side, { path: next, parts, depth: depth + 1 }, found)
    if (!isAnyDepth && rest.length > 0 && kind !== 'file') {
      await search(side, { path: next, parts: rest, depth: depth + 1 }, found)
    }
  }
}

/** Cuts at the slashes that are not in braces or brackets. */
function splitParts(pattern: string): readonly string[] {
  const parts: string[] = []
  let part = ''
  let braces = 0
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index] ?? ''
    if (character === '\\') {
      part += character + (pattern[++index] ?? '')
      continue
    }
    if (character === '{') braces += 1
    if (character === '}' && braces > 0) braces -= 1
    if (character !== '/' || braces > 0) {
      part += character
      continue
    }
    if (part !== '') parts.push(part)
    part = ''
  }
  return part === '' ? parts : [...parts, part]
}
