// JSON that a terminal may show.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonText } from '../../../src/cli/json-text.js'

describe('JSON for a terminal', () => {
  it('means what it meant, whatever is in it, and has no character that steers', () => {
    const anything = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(fc.dictionary(anything, fc.array(anything)), (document) => {
        const text = jsonText(document)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(document)))
        expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      }),
    )
  })

  it.each(['\u001b', '\u007f', '\u009b', '\u061c', '\u200f', '\u2028', '\u202e', '\u2069', '\ufeff'])(
    'has %j as an escape',
    (character) => {
      const inJson = `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
      expect(jsonText([`a${character}b`])).toBe(`[\n  "a${inJson}b"\n]`)
    },
  )

  it('keeps letters of every language', () => {
    expect(jsonText('Zürich 東京 😀')).toBe('"Zürich 東京 😀"')
  })
})
