// Bytes as lines that are safe to show, however they are cut into chunks.

import { expect, it } from 'vitest'
import { LineCutter } from '../../../src/cli/group-lines.js'

function cut(...chunks: readonly (string | Buffer)[]): readonly string[] {
  const cutter = new LineCutter()
  return [...chunks.flatMap((chunk) => cutter.add(Buffer.from(chunk as string))), ...cutter.end()]
}

it('a line is given when it is whole, and the last one at the end', () => {
  const cutter = new LineCutter()
  expect(cutter.add(Buffer.from('one\ntw'))).toEqual(['one'])
  expect(cutter.add(Buffer.from('o\r\n\nla'))).toEqual(['two', ''])
  expect(cutter.add(Buffer.from('st'))).toEqual([])
  expect(cutter.end()).toEqual(['last'])
  expect(cutter.end()).toEqual([])
})

it('a character that two chunks share is whole', () => {
  const bytes = Buffer.from('a€😀\n')
  for (let at = 0; at <= bytes.length; at += 1) {
    expect(cut(bytes.subarray(0, at), bytes.subarray(at))).toEqual(['a€😀'])
  }
})

it('blanks and tabs stay, and what moves the cursor is text', () => {
  expect(cut('  in \tdented  \n10%\r20%\u001b[2K\u0085x\u202e\n')).toEqual([
    '  in \tdented  ',
    '10%\\r20%\\x1b[2K\\x85x\\u202e',
  ])
})

it('a line without end is given in pieces that cut no character, and is not kept', () => {
  const cutter = new LineCutter()
  const pieces = Array.from({ length: 64 }, () => cutter.add(Buffer.from('€'.repeat(1000)))).flat()
  const rest = cutter.end()
  expect(pieces.length).toBeGreaterThan(10)
  for (const piece of pieces) expect(piece).toMatch(/^€{5461}…$/)
  expect([...pieces, ...rest].join('').match(/€/g)).toHaveLength(64_000)
})

it('a line of exactly the longest length is one', () => {
  const longest = 'x'.repeat(16 * 1024)
  expect(cut(`${longest}\n`)).toEqual([longest])
  expect(cut(`${longest}x\n`)).toEqual([`${longest}…`, 'x'])
})
