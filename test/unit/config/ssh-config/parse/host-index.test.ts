import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseFile } from '../../../../../src/config/ssh-config/parse/parse.js'

const conditionsFor = (text: string, host: string) =>
  parseFile(text, 'f', {})
    .blocksFor(host)
    .map(({ lines: [line] }) => (line?.kind === 'directive' ? line.words[0] : line?.kind))

test('only blocks for other plain names are left out, and the order stays', () => {
  const text =
    'User 0\nHost a b\nUser 1\nHost c\nUser 2\nHost *\nUser 3\nHost a\nUser 4\nHost !x\nUser 5\nMatch user y\nUser 6\n'
  expect(conditionsFor(text, 'a')).toEqual(['0', '1', '3', '4', '5', '6'])
  expect(conditionsFor(text, 'z')).toEqual(['0', '3', '5', '6'])
})

test('a block for other names stays when something in it counts in any case', () => {
  expect(conditionsFor('Port 1\nHost a\nInclude x\nHost a\nFoo y\nHost a\nPort x\n', 'b')).toEqual([
    '1',
    'include',
    'unknown',
    'problem',
  ])
})

test('a name that two lines, or one line twice, mention is found each time once', () => {
  expect(conditionsFor('Host a a\nUser 1\nHost a\nUser 2\n', 'a')).toEqual([undefined, '1', '2'])
})

test('whatever the order of the blocks, it stays', () => {
  const hosts = fc.array(fc.constantFrom('a', 'b', '*', '!a *', 'a b'), { maxLength: 12 })
  fc.assert(
    fc.property(hosts, (lines) => {
      const text = lines.map((line, index) => `Host ${line}\nUser ${index}\n`).join('')
      const found = conditionsFor(text, 'a').slice(1).map(Number)
      expect(found).toEqual([...found].sort((a, b) => a - b))
      expect(new Set(found)).toEqual(new Set(lines.flatMap((line, index) => (line === 'b' ? [] : [index]))))
    }),
  )
})
