import { describe, expect, test } from 'vitest'
import { parseFile } from '../../../../../src/config/ssh-config/parse/parse.js'

const parse = (text: string) => parseFile(text, 'f', {})
const linesOf = (text: string) => parse(text).blocks.flatMap(({ lines }) => lines)
const problemsOf = (text: string) =>
  linesOf(text).flatMap((line) =>
    line.kind === 'problem' ? [`${line.problem.origin} ${line.problem.message}`] : [],
  )
const directivesOf = (text: string) =>
  linesOf(text).flatMap((line) =>
    line.kind === 'directive' ? [`${line.origin} ${line.keyword} ${line.words.join('|')}`] : [],
  )

test('each directive knows its file and its line', () => {
  expect(directivesOf('# first\n\nPort 22\nHost a\n  user=me # not you\n')).toEqual([
    'f:3 Port 22',
    'f:5 User me',
  ])
})

test('a Host or Match line begins a block, and the lines before the first are a block as well', () => {
  const kinds = parse('Port 1\nHost a !b\nMatch user x\n').blocks.map(({ condition }) => condition.kind)
  expect(kinds).toEqual(['start of file', 'Host', 'Match'])
})

describe('the text', () => {
  test.each([
    ['CRLF', 'Port 22\r\nUser me\r\n'],
    ['no final newline', 'Port 22\nUser me'],
    ['blanks and a form feed at the end', 'Port 22 \t\f\nUser me\f'],
    ['what follows a NUL', 'Port 22\0 junk\nUser me\0\n'],
  ])('%s is as for ssh', (_, text) => {
    expect(directivesOf(text)).toEqual(['f:1 Port 22', 'f:2 User me'])
  })

  test('a byte order mark is part of the first keyword, which is then unknown', () => {
    expect(linesOf('\ufeffPort 22')).toMatchObject([{ kind: 'unknown', keyword: '\ufeffport' }])
  })

  test('a line of more than a mebibyte is a mistake, and its neighbours are none', () => {
    const text = `Port 1\nUser ${'x'.repeat(2 ** 20)}\nHost a\n`
    expect(problemsOf(text)).toEqual(['f:2 longer than 1048576 characters'])
    expect(directivesOf(text)).toEqual(['f:1 Port 1'])
  })
})

describe('mistakes', () => {
  test('a broken line hides no other', () => {
    const text = 'Port x\nHost "a\nMatch foo bar\nInclude ""\nUser me\nHost b ""\nPort 22 23\n'
    expect(problemsOf(text)).toEqual([
      'f:1 Port: bad port "x"',
      'f:2 invalid quotes',
      'f:3 unknown Match criterion "foo"',
      'f:4 Include has an empty argument',
      'f:6 Host has an empty argument',
      'f:7 Port: extra arguments at the end of the line',
    ])
    expect(directivesOf(text)).toEqual(['f:5 User me'])
  })

  test('what stands below a broken Host or Match line applies to nobody', () => {
    const kinds = parse('Host ""\nUser a\nMatch foo\nUser b\n').blocks.map(({ condition }) => condition.kind)
    expect(kinds).toEqual(['start of file', 'never', 'never'])
  })

  test('a former keyword is silently ignored, or remarked on, as ssh does', () => {
    expect(linesOf('Protocol 2\nRSAAuthentication yes\n')).toEqual([
      { kind: 'remark', text: 'f:2: unsupported option "rsaauthentication"' },
    ])
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    '%s is a keyword like any unknown',
    (word) => {
      expect(linesOf(`${word} x`)).toEqual([{ kind: 'unknown', keyword: word.toLowerCase(), origin: 'f:1' }])
    },
  )
})

test('what counts in blocks that do not apply is at hand without the rest', () => {
  const [, block] = parse('Host a\nPort 1\nInclude x\nFoo y\nPort z\nStreamLocalBindMask 0177\n').blocks
  expect(block?.inAnyCase.map(({ kind }) => kind)).toEqual(['include', 'unknown', 'problem', 'directive'])
})
