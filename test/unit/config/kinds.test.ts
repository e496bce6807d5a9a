import { describe, expect, it } from 'vitest'
import {
  choiceKind,
  durationKind,
  flagKind,
  integerKind,
  type Kind,
  listKind,
  programKind,
  textKind,
} from '../../../src/config/kinds.js'
import { ConfigError } from '../../../src/errors.js'

const kinds = {
  text: textKind,
  flag: flagKind,
  integer: integerKind(1, 65_535),
  duration: durationKind,
  choice: choiceKind(['yes', 'ask']),
  list: listKind(','),
  words: listKind(' '),
  program: programKind<() => void>((value) => typeof value === 'function', 'a function'),
} satisfies Record<string, Kind<unknown>>
type Name = keyof typeof kinds

const check = (name: Name, value: unknown): unknown => kinds[name].check(value, 'option x')
const parse = (name: Name, text: string): unknown => (kinds[name] as Kind<unknown>).parse?.(text, '-o X')

describe('a value of a program', () => {
  const call = (): void => {}
  it.each<[Name, unknown]>([
    ['text', 'a b'],
    ['flag', false],
    ['integer', 1],
    ['integer', 65_535],
    ['duration', 0],
    ['duration', 0.5],
    ['choice', 'ask'],
    ['list', ['a', 'b']],
    ['list', []],
    ['program', call],
  ])('%s: %o is taken as it is', (name, value) => {
    expect(check(name, value)).toEqual(value)
  })

  it.each<[Name, unknown]>([
    ['text', ''],
    ['text', 1],
    ['text', 'a\nb'],
    ['text', 'a\0b'],
    ['flag', 'yes'],
    ['flag', 0],
    ['integer', 0],
    ['integer', 65_536],
    ['integer', 22.5],
    ['integer', '22'],
    ['integer', Number.NaN],
    ['duration', -1],
    ['duration', Number.NaN],
    ['duration', Number.POSITIVE_INFINITY],
    ['duration', 2 ** 31],
    ['duration', '10'],
    ['choice', 'YES'],
    ['choice', true],
    ['list', {}],
    ['list', ['a', '']],
    ['list', ['a', 1]],
    ['list', 'a\nb'],
    ['program', 'function'],
  ])('%s: %o is refused, by the name of the option', (name, value) => {
    expect(() => check(name, value)).toThrow(ConfigError)
    expect(() => check(name, value)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        origin: 'option x',
        phase: 'resolve',
        message: expect.stringMatching(/^option x: must be /),
      }),
    )
  })

  it('that is one word stands for a list of it', () => {
    expect(check('list', 'a,b')).toEqual(['a,b'])
  })

  it('that is a list is copied, so that nobody changes it later', () => {
    const given = ['a']
    const list = check('list', given)
    given.push('b')
    expect(list).toEqual(['a'])
    expect(list).toSatisfy(Object.isFrozen)
  })
})

describe('text', () => {
  it.each<[Name, string, unknown]>([
    ['text', 'as it is', 'as it is'],
    ['flag', 'YES', true],
    ['flag', 'true', true],
    ['flag', 'no', false],
    ['flag', 'False', false],
    ['integer', '022', 22],
    ['duration', '30', 30_000],
    ['duration', '1m30', 90_000],
    ['duration', '1H', 3_600_000],
    ['duration', '1w2d', 777_600_000],
    ['duration', 'none', 0],
    ['duration', '4w', 2 ** 31 - 1],
    ['choice', 'ASK', 'ask'],
    ['list', 'a,,b', ['a', 'b']],
    ['words', ' /a  /b ', ['/a', '/b']],
  ])('%s: %j is %o', (name, text, value) => {
    expect(parse(name, text)).toEqual(value)
  })

  it.each<[Name, string]>([
    ['text', ''],
    ['flag', 'maybe'],
    ['flag', ''],
    ['integer', ''],
    ['integer', '0x16'],
    ['integer', '-1'],
    ['integer', '1e3'],
    ['duration', ''],
    ['duration', '1.5'],
    ['duration', '10y'],
    ['choice', 'no'],
  ])('%s: %j is refused', (name, text) => {
    expect(() => parse(name, text)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', origin: '-o X' }),
    )
  })

  it('cannot stand for what only a program can give', () => {
    expect((kinds.program as Kind<unknown>).parse).toBeUndefined()
  })
})

it('a text that is nearly a time is refused at once, however long it is', () => {
  const start = performance.now()
  for (const text of ['1'.repeat(100_000), '1s'.repeat(50_000)]) {
    expect(() => parse('duration', `${text}x`)).toThrow(ConfigError)
  }
  expect(performance.now() - start).toBeLessThan(1000)
})

it('a time that ssh does not take is none', () => {
  expect(() => parse('duration', '99999w')).toThrow('-o X: is no time: "99999w"')
})

it('a letter beyond ASCII is never the same as one of ASCII', () => {
  expect(() => parse('choice', 'as\u212a')).toThrow(ConfigError)
})
