// Whole configurations by chance: blocks, criteria, files that include others, values of every keyword, and the noise
// that people put between them; with questions about them.

import fc from 'fast-check'
import { host } from './random-config-blocks.js'
import { directive, type Includes, type Kind, line } from './random-config-lines.js'
import type { ConfigFiles, Question } from './ssh-oracle.js'

export interface RandomConfig {
  readonly files: ConfigFiles
  readonly questions: readonly Question[]
}

const userIncludes: Includes = {
  usual: [
    'more',
    'conf.d/*',
    '~/.ssh/conf.d/a.conf',
    'missing',
    'conf.d/[ab].conf',
    '"conf.d/b.conf"',
    'more conf.d/*',
    'c?nf.d/?.conf',
    'missing more',
    'conf.d/.*',
    'conf.d/a*',
    '~/.ssh/missing/*',
  ],
  odd: [
    '',
    '""',
    'conf.d',
    'config',
    '"more',
    '~nobodyhere/x',
    'conf.d/{a,b}.conf',
    'conf.d/[!a].conf',
    'conf.d/[^a].conf',
    'conf.d/\\a.conf',
    'more # comment',
    '/dev/null',
    '.',
    'conf.d/[a',
    'm*',
  ],
}
const deeperIncludes: Includes = { usual: ['conf.d/*', 'conf.d/a.conf', 'missing'], odd: ['more', 'config'] }
const leafIncludes: Includes = { usual: ['missing'], odd: ['conf.d/*'] }

function file(kind: Kind, includes: Includes, maxLength: number): fc.Arbitrary<string> {
  return fc
    .record({
      lines: fc.array(line(kind, includes), { maxLength, size: 'max' }),
      end: fc.constantFrom('\n', '\n', '\n', '\r\n'),
      last: fc.constantFrom('end', 'end', 'none'),
      mark: kind === 'usual' ? fc.constant('') : fc.option(fc.constant('\ufeff'), { nil: '', freq: 20 }),
    })
    .map(({ lines, end, last, mark }) => `${mark}${lines.join(end)}${last === 'end' ? end : ''}`)
}

function question(kind: Kind): fc.Arbitrary<Question> {
  const rarely = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 6 })
  const often = fc.option(fc.constant('absent'), { nil: undefined })
  return fc
    .record({
      host,
      user: rarely(fc.constantFrom('me', 'you', 'root')),
      port: rarely(fc.constantFrom(22, 2222)),
      jump: rarely(fc.constantFrom('gw', 'me@gw:2222,other', 'none')),
      options: rarely(
        fc.array(
          directive(kind).map((text) => text.trim()),
          { minLength: 1, maxLength: 2 },
        ),
      ),
      file: rarely(fc.constantFrom('~/.ssh/more', 'none', '~/.ssh/config')),
      plain: often,
    })
    .map(({ host, plain, ...rest }) => {
      const given = Object.entries(rest).filter(([, value]) => value !== undefined)
      return plain === undefined ? { host, ...Object.fromEntries(given) } : { host }
    })
}

/** Configurations without mistakes, and with some: a mistake anywhere hides what the rest would have said. */
export const randomConfig: fc.Arbitrary<RandomConfig> = fc
  .constantFrom<Kind>('usual', 'usual', 'odd')
  .chain((kind) =>
    fc.record({
      files: fc.record(
        {
          '~/.ssh/config': file(kind, userIncludes, 25),
          '~/.ssh/more': file(kind, deeperIncludes, 8),
          '~/.ssh/conf.d/a.conf': file(kind, leafIncludes, 5),
          '~/.ssh/conf.d/b.conf': file(kind, leafIncludes, 5),
          '~/.ssh/conf.d/.hidden': file(kind, leafIncludes, 2),
          '/etc/ssh/ssh_config': file(kind, leafIncludes, 12),
        },
        { requiredKeys: ['~/.ssh/config'] },
      ),
      questions: fc.uniqueArray(question(kind), {
        minLength: 1,
        maxLength: 4,
        size: 'max',
        selector: ({ host }) => host,
      }),
    }),
  )
  .map(({ files, questions }) => ({ files: { ...files }, questions }))
