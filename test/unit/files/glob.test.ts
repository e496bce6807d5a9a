// Patterns over a tree that is only a list.

import { describe, expect, test } from 'vitest'
import { expandGlob, type GlobSide, isGlob } from '../../../src/files/glob.js'

const files = [
  'a.txt',
  'b.txt',
  '.hidden.txt',
  'dir/a.txt',
  'dir/sub/a.txt',
  'dir/sub/deep/c.log',
  'other/a.txt',
  '+(x)',
]

const asked: string[] = []
const side: GlobSide = {
  windows: false,
  exists: async (path) => files.some((file) => file === path || file.startsWith(`${path}/`)),
  list: async (path) => {
    asked.push(path)
    const below = path === '' ? '' : `${path}/`
    const names = new Set(
      files
        .filter((file) => file.startsWith(below))
        .map((file) => file.slice(below.length).split('/')[0] ?? ''),
    )
    return [...names].map((name) => ({ name, kind: files.includes(below + name) ? 'file' : 'directory' }))
  },
}

describe('a pattern', () => {
  test.each([
    ['*.txt', ['a.txt', 'b.txt']],
    ['.*', ['.hidden.txt']],
    ['*/a.txt', ['dir/a.txt', 'other/a.txt']],
    ['{dir,other}/*.txt', ['dir/a.txt', 'other/a.txt']],
    ['**/a.txt', ['a.txt', 'dir/a.txt', 'dir/sub/a.txt', 'other/a.txt']],
    ['dir/**/*.log', ['dir/sub/deep/c.log']],
    ['[ab].txt', ['a.txt', 'b.txt']],
    ['[!a].txt', ['b.txt']],
    ['?.txt', ['a.txt', 'b.txt']],
    ['dir/*', ['dir/a.txt', 'dir/sub']],
    ['[[:alpha:]].txt', ['a.txt', 'b.txt']],
    ['\\a.txt', ['a.txt']],
    ['x*', []],
  ])('%s', async (pattern, expected) => {
    expect(await expandGlob(pattern, side)).toEqual(expected)
  })

  test('lists no more than it has to', async () => {
    asked.length = 0
    await expandGlob('dir/s*/a.txt', side)
    expect(asked).toEqual(['dir'])
  })

  test('is told from a name', () => {
    expect(['a*', 'a?', '[a]', '{a,b}'].map((text) => isGlob(text, false))).toEqual([true, true, true, true])
    expect(['a', 'a b', '/a/b.c', 'a]'].map((text) => isGlob(text, false))).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  test('that makes other matchers slow is not slow here', async () => {
    const begun = performance.now()
    const long: GlobSide = { ...side, list: async () => [{ name: `${'a'.repeat(5000)}b`, kind: 'file' }] }
    await expandGlob('+(a|aa|a*)+(a|aa|a*)+(a*)c*', long)
    expect(performance.now() - begun).toBeLessThan(2000)
  })
})
