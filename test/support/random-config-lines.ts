// Single lines by chance: a keyword with a value, a header of a block, an Include, and what people put between them.

import fc from 'fast-check'
import { hostLine, matchLine, oddHeader } from './random-config-blocks.js'
import { keywordValues } from './random-config-values.js'

/** `odd` lines may be ones that ssh refuses. */
export type Kind = 'usual' | 'odd'

/** What an Include of a file may name. */
export interface Includes {
  readonly usual: readonly string[]
  readonly odd: readonly string[]
}

/** Keywords whose values meet each other's; the rest of the table comes as often as all of these. */
const interplay = [
  'HostName',
  'User',
  'Port',
  'ProxyJump',
  'ProxyCommand',
  'IdentityFile',
  'CertificateFile',
  'UserKnownHostsFile',
  'HostKeyAlias',
  'CanonicalizeHostname',
  'CanonicalDomains',
  'CanonicalizeMaxDots',
  'CanonicalizeFallbackLocal',
  'CanonicalizePermittedCNAMEs',
  'SendEnv',
  'SetEnv',
  'LocalForward',
  'RemoteForward',
  'DynamicForward',
  'ClearAllForwardings',
  'ControlPath',
  'IgnoreUnknown',
  'StrictHostKeyChecking',
  'Ciphers',
  'ForwardAgent',
]

/** Names that no ssh knows; an IgnoreUnknown before them may let them pass. */
const strangers = ['NoSuchThing', 'Nothing', 'Other', 'usekeychain']

/** Values that criteria and patterns are likely to ask for, or that others join or take away. */
const meeting = fc.constantFrom(
  'HostName db',
  'HostName b',
  'HostName %h.one.test',
  'User me',
  'User you',
  'Port 2222',
  'HostKeyAlias db',
  'SendEnv LANG LC_ALL',
  'SendEnv -LC_*',
  'SendEnv -* A',
  'IdentityFile /k/%h-%n-%r-%p',
  'ProxyJump none',
  'ProxyJump gw',
  'ProxyCommand nc %h %p',
  'ProxyCommand none',
  'CanonicalizeHostname yes',
  'CanonicalDomains one.test two.test',
)

/** A keyword and what stands after it. */
export function directive(kind: Kind): fc.Arbitrary<string> {
  const known = fc
    .oneof(fc.constantFrom(...interplay), fc.constantFrom(...keywordValues.keys()))
    .chain((keyword) => {
      const values = keywordValues.get(keyword)?.[kind] ?? []
      return fc.record({
        keyword: fc
          .tuple(fc.constant(keyword), fc.constantFrom(0, 0, 0, 1, 2))
          .map(([word, how]) => inCase(word, how)),
        between: fc.constantFrom(' ', ' ', ' ', '  ', '\t', '=', ' = ', '= ', ' ='),
        value: values.length === 0 ? fc.constant('yes') : fc.constantFrom(...values),
        after: fc.constantFrom('', '', '', '', ' ', '\t', '  \t', ' # comment', ' #', '\r'),
      })
    })
    .map(({ keyword, between, value, after }) => `${keyword}${between}${value}${after}`)
  if (kind === 'usual') return known
  return fc.oneof(
    { weight: 6, arbitrary: known },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...strangers), fc.constantFrom('', ' x', '=x', ' "x', ' x # y'))
        .map((parts) => parts.join('')),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'Port',
        'User',
        '"Port" 22',
        'Port=',
        '= 22',
        'Port "22',
        '"',
        '""',
        '"" x',
        'Port=="22"',
        'Po rt 22',
        'Port\v22',
        'Port\f22',
        '\fPort 22',
        'Port 22\f',
        '\u00a0Port 22',
        '__proto__ x',
        'constructor x',
        'Port,22',
        '\\',
        '=',
        "'Port' 22",
        'Port\u000022',
        'User é',
        'Port 22\\',
      ),
    },
  )
}

function inCase(word: string, how: number): string {
  if (how === 0) return word
  return how === 1 ? word.toLowerCase() : word.toUpperCase()
}

const noise = fc.constantFrom('', '', '# comment', '   ', '\t# "comment', '#', '\t', '\r')

/** A line of any kind, without its end. */
export function line(kind: Kind, includes: Includes): fc.Arbitrary<string> {
  const indent = fc.constantFrom('', '', '  ', '\t', ' \t ')
  const includeLine = fc
    .tuple(fc.constantFrom('Include ', 'include\t', 'Include='), fc.constantFrom(...includes.usual))
    .map((parts) => parts.join(''))
  const usual = fc.oneof(
    { weight: 8, arbitrary: directive('usual') },
    { weight: 5, arbitrary: meeting },
    { weight: 3, arbitrary: hostLine },
    { weight: 2, arbitrary: matchLine },
    { weight: 1, arbitrary: includeLine },
    { weight: 1, arbitrary: noise },
  )
  const odd = fc.oneof(
    { weight: 5, arbitrary: directive('odd') },
    { weight: 2, arbitrary: oddHeader },
    { weight: 1, arbitrary: fc.constantFrom(...includes.odd).map((text) => `Include ${text}`) },
  )
  const any =
    kind === 'usual' ? usual : fc.oneof({ weight: 16, arbitrary: usual }, { weight: 1, arbitrary: odd })
  return fc.tuple(indent, any).map((parts) => parts.join(''))
}
