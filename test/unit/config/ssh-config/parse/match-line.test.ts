import { describe, expect, test } from 'vitest'
import { Unacceptable } from '../../../../../src/config/ssh-config/keyword.js'
import { parseCriteria } from '../../../../../src/config/ssh-config/parse/match-line.js'

const parse = (...words: readonly string[]) =>
  parseCriteria(words).map(({ name, negated, argument }) => `${negated ? '!' : ''}${name} ${argument}`.trim())

test.each([
  [['host', 'db'], ['host db']],
  [
    ['host=db', 'user', 'me'],
    ['host db', 'user me'],
  ],
  [
    ['host=', 'db', 'user', '=', 'me'],
    ['host db', 'user me'],
  ],
  [['host', '=db'], ['host db']],
  [
    ['!HOST', 'db', 'Final'],
    ['!host db', 'final'],
  ],
  [['exec', 'test a = b'], ['exec test a = b']],
  [['exec=a=b'], ['exec a=b']],
  [
    ['canonical', 'all'],
    ['canonical', 'all'],
  ],
  [['!all'], ['!all']],
  [['tagged', ''], ['tagged']],
  [['command', ''], ['command']],
  [['localnetwork', '10.0.0.0/8,::1'], ['localnetwork 10.0.0.0/8,::1']],
])('%j is read', (words, criteria) => {
  expect(parse(...words)).toEqual(criteria)
})

describe('refused is', () => {
  test.each([
    ['nothing', [], 'Match needs a criterion'],
    ['a criterion that is unknown', ['hots', 'db'], 'unknown Match criterion "hots"'],
    ['an inherited name', ['__proto__', 'x'], 'unknown Match criterion "__proto__"'],
    ['a criterion without its argument', ['host'], 'Match host needs an argument'],
    ['an empty argument', ['host', ''], 'Match host needs an argument'],
    ['an argument that does not belong', ['final=x'], 'Match final takes no argument'],
    ['all before others', ['all', 'host', 'x'], 'Match all cannot be combined with other criteria'],
    [
      'all after two others',
      ['canonical', 'final', 'all'],
      'Match all cannot be combined with other criteria',
    ],
    ['an unknown token', ['exec', 'echo %z'], 'Match exec has the unknown token %z'],
    ['what is no network', ['localnetwork', 'home'], 'Match localnetwork: "home" is no network'],
  ])('%s', (_, words, message) => {
    expect(() => parse(...words)).toThrow(new Unacceptable(message))
  })
})
