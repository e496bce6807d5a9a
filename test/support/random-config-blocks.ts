// Host and Match lines by chance: patterns, criteria, and some that ssh refuses.

import fc from 'fast-check'

/** The hosts that patterns are about, and that are asked for. */
export const hosts = [
  'a',
  'db',
  'b',
  'web',
  'db.one.test',
  'A',
  '10.1.0.5',
  'alias',
  'a.b',
  'nowhere',
  '::1',
  'localhost',
]
/** One of them. */
export const host = fc.constantFrom(...hosts)

const pattern = fc.oneof(
  { weight: 4, arbitrary: host },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '*',
      '*.test',
      'd*',
      '?',
      '*.one.*',
      '10.1.*',
      '?b',
      '**',
      '*b*',
      'a?b',
      '*:*',
    ),
  },
)
const hostPattern = fc
  .tuple(fc.constantFrom('', '', '', '!'), pattern)
  .map(([negation, text]) => `${negation}${text}`)
const oddPattern = fc.constantFrom(
  'a,b',
  '""',
  '!',
  '"a b"',
  'a"b"',
  "'a'",
  '"a',
  '# a',
  'a#b',
  '!!a',
  '[a]',
  'b\\*',
)

const criterion = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('host', 'originalhost', 'user', 'localuser').chain(withPatterns) },
  { weight: 2, arbitrary: fc.constantFrom('canonical', 'final', '!canonical', '!final') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'exec true',
      'exec false',
      'exec "test %h = a"',
      '!exec "test %n = db"',
      'exec "test %p = 22"',
      'exec "test %r:%u = me:$ORACLE"',
      'exec="test %k = db"',
    ),
  },
)

function withPatterns(name: string): fc.Arbitrary<string> {
  const list = fc.array(fc.oneof(hostPattern, fc.constantFrom('me', 'root', 'you')), {
    minLength: 1,
    maxLength: 3,
  })
  const join = fc.constantFrom(' ', ' ', '=', ' = ', '  ')
  return fc
    .tuple(fc.constantFrom('', '', '!'), join, list, fc.boolean())
    .map(([negation, between, patterns, quoted]) => {
      const argument = patterns.join(',')
      return `${negation}${name}${between}${quoted ? `"${argument}"` : argument}`
    })
}

const criteria = fc.oneof(
  { weight: 5, arbitrary: fc.array(criterion, { minLength: 1, maxLength: 3 }).map((list) => list.join(' ')) },
  { weight: 1, arbitrary: fc.constantFrom('all', 'canonical all', 'final all', 'All', '!final all') },
)
const oddCriteria = fc.constantFrom(
  '',
  '!all',
  'all host a',
  'host a all',
  'host',
  'user',
  'exec',
  'nothing a',
  'host a nothing b',
  'host a # comment',
  '# all',
  'host ""',
  'exec "test %x"',
  'host a,,b',
  'host a , b',
  'host "a',
  'canonical final',
  'canonical host a all',
  'user "a b"',
  'exec true exec',
  'host=',
  'all=a',
  'all all',
  'final=yes',
  'final yes',
  'hostname a',
)

/** The first line of a Host block. */
export const hostLine = fc
  .tuple(
    fc.constantFrom('Host ', 'Host ', 'host\t', 'HOST=', 'Host = '),
    fc.array(hostPattern, { minLength: 1, maxLength: 3 }),
    fc.constantFrom(' ', '  ', '\t'),
  )
  .map(([header, patterns, between]) => `${header}${patterns.join(between)}`)

/** The first line of a Match block. */
export const matchLine = fc
  .tuple(fc.constantFrom('Match ', 'match  ', 'MATCH\t', 'Match='), criteria)
  .map((parts) => parts.join(''))

/** One that ssh may refuse. */
export const oddHeader = fc.oneof(
  oddPattern.map((text) => `Host ${text}`),
  oddCriteria.map((text) => `Match ${text}`),
)
