// Texts are found and taken out wherever the pieces of a stream end.

import { expect, test } from 'vitest'
import { type AfterFind, OutputWatch } from '../../../src/exec/output-watch.js'

function pass(
  pieces: readonly string[],
  texts: Readonly<Record<string, string>>,
  after: AfterFind = 'go on',
): { readonly out: string; readonly found: readonly (readonly [string, number])[] } {
  const found: [string, number][] = []
  const watched = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]))
  const watch = new OutputWatch(watched, (name, passed) => {
    found.push([name, passed])
    return after
  })
  const out = Buffer.concat([...pieces.map((piece) => watch.pass(Buffer.from(piece))), watch.finish()])
  return { out: out.toString(), found }
}

test('a text is found in any two pieces, with nothing else lost', () => {
  const whole = 'ab~PROMPT~cd~P~PRO~PROMPT~~'
  for (let cut = 0; cut <= whole.length; cut++) {
    for (let second = cut; second <= whole.length; second++) {
      const pieces = [whole.slice(0, cut), whole.slice(cut, second), whole.slice(second)]
      expect(pass(pieces, { prompt: '~PROMPT~' })).toEqual({
        out: 'abcd~P~PRO~',
        found: [
          ['prompt', 2],
          ['prompt', 10],
        ],
      })
    }
  }
})

test('of two texts the first is found first, and nothing after one that ends the watch', () => {
  expect(pass(['x', 'BB', 'AAy'], { a: 'AA', b: 'BB' }).found).toEqual([
    ['b', 1],
    ['a', 1],
  ])
  expect(pass(['BB1', 'AA', 'BB'], { a: 'AA', b: 'BB' }, 'leave')).toEqual({
    out: '1AABB',
    found: [['b', 0]],
  })
})

test('the end of the line goes with the text, when it follows at once', () => {
  for (const pieces of [['P\r\nrest'], ['P', '\r', '\nrest'], ['P', '\r\n', 'rest']]) {
    expect(pass(pieces, { p: 'P' }, 'skip line end').out).toBe('rest')
  }
  expect(pass(['P', 'rest\r\n'], { p: 'P' }, 'skip line end').out).toBe('rest\r\n')
})

test('what cannot be the beginning of a text is not held back', () => {
  const watch = new OutputWatch({ p: Buffer.from('~PROMPT~') }, () => 'go on')
  expect(watch.pass(Buffer.from('progress 10%')).toString()).toBe('progress 10%')
  expect(watch.pass(Buffer.from(' ~PR')).toString()).toBe(' ')
  expect(watch.pass(Buffer.from('X')).toString()).toBe('~PRX')
})
