// The Markdown pages of the project, and the code blocks in them. Knows fences and headings, and nothing else.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's root. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** What no page and no source is in. */
export const ignoredFolders: ReadonlySet<string> = new Set([
  'node_modules',
  'dist',
  'coverage',
  '.git',
  '.tmp',
])

/** All pages, by their paths from the root. */
export function pages(): readonly string[] {
  const visit = (folder: string): readonly string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      if (ignoredFolders.has(entry.name)) return []
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return visit(path)
      return entry.name.endsWith('.md') ? [relative(root, path)] : []
    })
  return [...visit(root)].sort()
}

export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The text without its code blocks. */
export function proseOf(text: string): string {
  return text.replace(fences, '')
}

const fences = /^```(\w*)\n([\s\S]*?)^```$/gm

/** A fenced block of code. */
export interface CodeBlock {
  readonly page: string
  /** The page, the heading above it, and its number among the blocks of its language there: `README.md, Commands, 2`. */
  readonly title: string
  readonly language: string
  readonly text: string
}

/** The blocks of the pages in one language, in their order. */
export function codeBlocks(language: string): readonly CodeBlock[] {
  return pages().flatMap((page) => {
    const text = textOf(page)
    const counts = new Map<string, number>()
    return [...text.matchAll(fences)]
      .filter(([, name]) => name === language)
      .map(({ index, 2: code = '' }) => {
        const above = [...proseOf(text.slice(0, index)).matchAll(/^#+ (.*)$/gm)]
        const heading = above.at(-1)?.[1] ?? ''
        const count = (counts.get(heading) ?? 0) + 1
        counts.set(heading, count)
        return { page, title: `${page}, ${heading}, ${count}`, language, text: code }
      })
  })
}
