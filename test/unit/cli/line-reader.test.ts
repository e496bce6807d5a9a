import { expect, it } from 'vitest'
import { LineReader } from '../../../src/cli/line-reader.js'

function type(...keys: readonly string[]) {
  const reader = new LineReader()
  const ends = keys.map((piece) => reader.add(piece))
  return { end: ends.at(-1), text: reader.text }
}

it.each(['\r', '\n'])('Enter (%j) ends the line, in whatever pieces it comes', (enter) => {
  expect(type(`secret${enter}`)).toEqual({ end: 'entered', text: 'secret' })
  expect(type('se', 'cr', 'et', enter)).toEqual({ end: 'entered', text: 'secret' })
  expect(type(enter)).toEqual({ end: 'entered', text: '' })
})

it('what comes after the end is dropped', () => {
  expect(type('one\rtwo\r')).toEqual({ end: 'entered', text: 'one' })
})

it('backspace takes back one character, also where it is more than one unit long, and none too many', () => {
  expect(type('ab\u007fc\bd\r').text).toBe('ad')
  expect(type('a\u{1f511}\u007fb\r').text).toBe('ab')
  expect(type('\u007f\u007fa\r').text).toBe('a')
})

it('Ctrl-U takes back all', () => {
  expect(type('wrong\u0015right\r').text).toBe('right')
})

it('Ctrl-D declines on an empty line and only there', () => {
  expect(type('\u0004').end).toBe('declined')
  expect(type('a\u007f\u0004').end).toBe('declined')
  expect(type('ab\u0004c\r')).toEqual({ end: 'entered', text: 'abc' })
})

it('Ctrl-C interrupts anywhere', () => {
  expect(type('\u0003').end).toBe('interrupted')
  expect(type('abc\u0003').end).toBe('interrupted')
})

it('other control characters are no part of an answer, blanks and tabs are', () => {
  expect(type('a\u0000\u001b\u0001 b\tc\r').text).toBe('a b\tc')
})
