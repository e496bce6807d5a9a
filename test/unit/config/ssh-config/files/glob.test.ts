import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { glob, matchesComponent } from '../../../../../src/config/ssh-config/files/glob.js'
import { scratchDir } from '../../../../support/run-dir.js'

let directory = ''
beforeAll(() => {
  directory = scratchDir('glob')
  for (const name of ['b', 'a', 'B', 'é', '.hidden', 'x[1]', 'a b']) writeFileSync(join(directory, name), '')
  mkdirSync(join(directory, 'sub/one'), { recursive: true })
  mkdirSync(join(directory, 'sub/two'))
  writeFileSync(join(directory, 'sub/two/conf'), '')
  symlinkSync('/nowhere', join(directory, 'dangling'))
})

const found = async (pattern: string) => {
  const paths = await glob(`${directory}/${pattern}`)
  return paths.map((path) => path.slice(directory.length + 1))
}

describe('the names that match', () => {
  test.each([
    ['?', ['B', 'a', 'b', 'é']],
    ['[ab]', ['a', 'b']],
    ['[!a]', ['B', 'b', 'é']],
    ['*/two/conf', ['sub/two/conf']],
    ['sub/*/conf', ['sub/two/conf']],
    ['sub/*', ['sub/one', 'sub/two']],
    ['.h*', ['.hidden']],
    ['x\\[1\\]', ['x[1]']],
    ['a b', ['a b']],
    ['d*', ['dangling']],
    ['{a,b}', []],
    ['none', []],
    ['none/*', []],
    ['a/*', []],
  ])('%s', async (pattern, names) => {
    expect(await found(pattern)).toEqual(names)
  })

  test('hidden ones are not among those of a star', async () => {
    expect(await found('*')).not.toContain('.hidden')
  })
})

test.each([
  ['a]', '[]a]]', true],
  ['b', '[a-c]', true],
  ['-', '[a-]', true],
  ['d', '[a-c]', false],
  ['5', '[[:digit:]x]', true],
  ['x', '[[:digit:]x]', true],
  ['y', '[![:alpha:]]', false],
  ['[', '[', true],
  ['[a', '[a', true],
  [']', '[\\]]', true],
  ['a*', 'a\\*', true],
  ['ab', 'a\\*', false],
  ['abcbd', 'a*b?', true],
  ['', '*', true],
  ['a', '', false],
  ['😀', '?', true],
])('%j and %j: %s', (name, pattern, expected) => {
  expect(matchesComponent(name, pattern)).toBe(expected)
})

test('a crafted pattern takes no time', () => {
  const start = performance.now()
  expect(matchesComponent('a'.repeat(255), `${'*a'.repeat(500)}b`)).toBe(false)
  expect(performance.now() - start).toBeLessThan(500)
})
