import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printable, printableLines } from '../../src/printable.js'

const unsafe = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u

describe('a line of foreign text', () => {
  it.each(['No route to host', 'Köln, 東京, ‘quoted’ 😀', '\\x1b is not an escape', ''])(
    'stays as it is where it is harmless: %j',
    (text) => {
      expect(printable(text)).toBe(text)
    },
  )

  it.each([
    ['\x1b]0;owned\x07', '\\x1b]0;owned\\x07'],
    ['a\x9b31mb', 'a\\x9b31mb'],
    ['one\r\nsallyport: error: forged', 'one\\r\\nsallyport: error: forged'],
    ['a\tb\0c\x7fd', 'a\\tb\\x00c\\x7fd'],
    ['user\u202egnp.exe', 'user\\u202egnp.exe'],
    ['a\u2028b\u2066c\u200fd\ufeffe', 'a\\u2028b\\u2066c\\u200fd\\ufeffe'],
  ])('shows what a terminal would obey: %j', (text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  it('has no blanks around it, and says when it was cut', () => {
    expect(printable('  denied \r\n')).toBe('denied')
    expect(printable('x'.repeat(200))).toBe('x'.repeat(200))
    expect(printable('x'.repeat(201))).toBe(`${'x'.repeat(200)}…`)
    expect(printable('abcdef', 3)).toBe('abc…')
  })

  it('never keeps anything unsafe, and never grows beyond its limit but for the escapes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.integer({ min: 1, max: 250 }),
        (text, limit) => {
          const shown = printable(text, limit)
          expect(shown).not.toMatch(unsafe)
          expect(shown.length).toBeLessThanOrEqual(6 * limit + 1)
        },
      ),
    )
  })
})

describe('several lines of foreign text', () => {
  it('keep their line feeds and tabs, and nothing else that a terminal obeys', () => {
    expect(printableLines('a\tb\r\nc\rd\n\x1b[2Je\u202ef', 100)).toBe('a\tb\nc\\rd\n\\x1b[2Je\\u202ef')
  })

  it('lose their beginning where they are too long, and say so', () => {
    expect(printableLines('first\nlast\n', 5)).toBe('…last\n')
    expect(printableLines('last\n', 5)).toBe('last\n')
  })
})
