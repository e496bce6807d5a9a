// How a line of ssh_config is split. What ssh makes of such lines, print.test.ts asks it.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Unacceptable } from '../../../../../src/config/ssh-config/keyword.js'
import { splitLine, splitWords } from '../../../../../src/config/ssh-config/parse/words.js'

test.each([
  ['Port 22', 'port', ['22'], '22'],
  ['  Port  =  22  \f\r', 'port', ['22'], '22'],
  ['Host a "b c" \'d e\' f\\ g # h', 'host', ['a', 'b c', 'd e', 'f g'], 'a "b c" \'d e\' f\\ g # h'],
  ['Host a#b \\# c', 'host', ['a#b', '\\#', 'c'], 'a#b \\# c'],
  ['ProxyCommand nc "%h" # x', 'proxycommand', ['nc', '%h'], 'nc "%h" # x'],
  ['"My Word" x', 'my word', ['x'], 'x'],
  ['Host a\0b', 'host', ['a'], 'a'],
  ['Host ""', 'host', [''], '""'],
  ['Host # a', 'host', [], '# a'],
])('%j is split', (line, keyword, words, rest) => {
  expect(splitLine(line)).toEqual({ keyword, args: { words, rest } })
})

test.each(['', ' \t', '#', '  # Port 22', '"Port 22', '\0Port 22'])('nothing stands on %j', (line) => {
  expect(splitLine(line)).toBeUndefined()
})

test.each([
  ['Port', 'no argument after keyword "port"'],
  ['Port =', 'no argument after keyword "port"'],
  ['Host "a', 'invalid quotes'],
  ["Host a'", 'invalid quotes'],
])('%j is not acceptable', (line, message) => {
  expect(() => splitLine(line)).toThrow(new Unacceptable(message))
})

describe('whatever the words', () => {
  test('quoted, they come out as they are', () => {
    const word = fc.string({ unit: 'grapheme' }).filter((text) => !/[\0\n\r]/.test(text))
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const quoted = words.map((each) => `"${each.replace(/\\(?=["'\\])|"|\\$/g, '\\$&')}"`)
        expect(splitWords(quoted.join(' '))).toEqual(words)
      }),
    )
  })

  test('a long line takes no longer than its length', () => {
    const line = `Host ${'"\\" '.repeat(100_000)}`
    const start = performance.now()
    expect(() => splitLine(line)).not.toThrow(RangeError)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
