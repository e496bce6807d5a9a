import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pages, proseOf, root, textOf } from './markdown.js'

describe.each(pages())('%s', (page) => {
  const prose = proseOf(textOf(page))

  test('links to pages, files and headings that there are', () => {
    const broken = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^https?:\/\//.test(target) && !leads(page, target))
    expect(broken).toEqual([])
  })

  test('names only files and folders that there are', () => {
    const named = prose.match(/(?<![\w/.])(?:src|test|docs|scripts|examples|bench)\/[\w./*-]*[\w*]/g) ?? []
    expect([...new Set(named)].filter((path) => !isThere(path))).toEqual([])
  })

  test('names no directory of a machine', () => {
    const machine = /(?<![\w.~])\/(?:home|root|Users|mnt|tmp|var|opt|srv|workspace)\/\w[^\s`)]*/g
    expect(textOf(page).match(machine) ?? []).toEqual([])
  })
})

test('the tree of ARCHITECTURE.md has only files and folders that there are', () => {
  const [, tree = ''] = textOf('ARCHITECTURE.md').match(/^```\nsrc\/\n([\s\S]*?)^test\//m) ?? []
  let folder = 'src'
  const named = tree.split('\n').flatMap((line) => {
    const inner = line.match(/^ {2}([a-z]+)\/ /)?.[1]
    if (inner !== undefined) folder = `src/${inner}`
    else if (/^ {2}\S/.test(line)) folder = 'src'
    const files = line.match(/(?<!\S)[a-z0-9*-]+\.ts(?!\S)/g) ?? []
    return [...(inner === undefined ? [] : [folder]), ...files.map((file) => `${folder}/${file}`)]
  })
  expect(named.length).toBeGreaterThan(30)
  expect(named.filter((path) => !isThere(path))).toEqual([])
})

test('every page of docs can be reached from the README by links', () => {
  const reached = new Set<string>()
  const visit = (page: string): void => {
    if (reached.has(page)) return
    reached.add(page)
    for (const [, target = ''] of textOf(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      const path = join(dirname(page), target)
      if (pages().includes(path)) visit(path)
      for (const inside of pages()) if (dirname(inside) === path) visit(inside)
    }
  }
  visit('README.md')
  expect(pages().filter((page) => !reached.has(page))).toEqual([])
})

function leads(page: string, target: string): boolean {
  const [path = '', heading] = target.split('#')
  const file = path === '' ? page : join(dirname(page), path)
  if (!existsSync(join(root, file))) return false
  return heading === undefined || headings(file).includes(heading)
}

/** The anchors of a page's headings, as the sites that show Markdown make them. */
function headings(page: string): readonly string[] {
  return [...proseOf(textOf(page)).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

/** Tests may be named without their ending, and several by a star: `test/unit/route/destination`, `abort-*`. */
function isThere(path: string): boolean {
  if (existsSync(join(root, path))) return true
  const folder = join(root, dirname(path))
  const name = new RegExp(`^${basename(path).replaceAll('*', '.*')}(?:\\.test\\.ts)?$`)
  return existsSync(folder) && readdirSync(folder).some((entry) => name.test(entry))
}
