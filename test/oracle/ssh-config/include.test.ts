// Include: globs, relative paths, nesting, blocks around and inside, files that are missing or odd.

import type { ConfigFiles } from '../../support/ssh-oracle.js'
import { judgeTable } from './judge-table.js'

const deep = (levels: number): ConfigFiles => ({
  '~/.ssh/config': 'Include level1\nUser top',
  ...Object.fromEntries(
    Array.from({ length: levels }, (_, index) => [
      `~/.ssh/level${index + 1}`,
      index + 1 < levels ? `Include level${index + 2}\n` : 'Port 23\n',
    ]),
  ),
})

const two = {
  '~/.ssh/conf.d/a': 'User a\nIdentityFile /a',
  '~/.ssh/conf.d/b': 'User b\nPort 24\nIdentityFile /b',
}

judgeTable('what is included is what ssh includes', [
  ...[
    'conf.d/*',
    'conf.d/a',
    'conf.d/b conf.d/a',
    'conf.d/[ab]',
    'conf.d/[!a]',
    'conf.d/[^a]',
    'conf.d/[a-b]',
    'conf.d/?',
    'conf.d/{a,b}',
    'conf.d/\\a',
    'conf.d/[a',
    'conf.?/a',
    '*/a',
    '*/*',
    'conf.d//a',
    './conf.d/a',
    '../.ssh/conf.d/a',
    'conf.d',
    'conf.d/',
    'conf.d/missing',
    'missing/*',
    'missing conf.d/b',
    'conf.d/b missing',
    '~/.ssh/conf.d/a',
    '~/.ssh/conf.d/*',
    '~/.ssh/missing',
    '~nobodyhere/x',
    '"conf.d/a"',
    '"conf.d/a" conf.d/b',
    '"conf.d/a conf.d/b"',
    "'conf.d/a'",
    'conf.d/a # conf.d/b',
    'conf.d/a#',
    '/dev/null',
    '/dev/zero/x',
    'conf.d/a conf.d/a',
    'conf.d/.*',
    '*',
    '~',
    '~/',
    '"~/.ssh/conf.d/a"',
    'conf.d/A',
    '',
    '""',
    'conf.d/a ""',
    '"" conf.d/a',
  ].map(
    (words) =>
      [JSON.stringify(words), { ...two, '~/.ssh/config': `Include ${words}\nPort 23\nUser last` }] as const,
  ),
  [
    'a name with a blank',
    { '~/.ssh/config': 'Include "with blank"\nUser me', '~/.ssh/with blank': 'Port 23' },
  ],
  [
    'a name with a star',
    { '~/.ssh/config': 'Include "\\*"\nUser me', '~/.ssh/*': 'Port 23', '~/.ssh/x': 'Port 24' },
  ],
  [
    'hidden files',
    { '~/.ssh/config': 'Include d/*\nUser me', '~/.ssh/d/.x': 'Port 23', '~/.ssh/d/y': 'Port 24' },
  ],
  [
    'the order of names',
    {
      '~/.ssh/config': 'Include d/*',
      '~/.ssh/d/10': 'Port 10',
      '~/.ssh/d/9': 'Port 9',
      '~/.ssh/d/B': 'User B',
      '~/.ssh/d/a': 'User a',
      '~/.ssh/d/é': 'User e',
    },
  ],
  ['16 levels', deep(15)],
  ['17 levels', deep(16)],
  ['18 levels', deep(17)],
  [
    '20 levels in a block that does not apply',
    { ...deep(20), '~/.ssh/config': 'Host nothing\nInclude level1' },
  ],
  ['a file that includes itself', { '~/.ssh/config': 'Include config\nPort 23' }],
  [
    'two that include each other',
    { '~/.ssh/config': 'Include x', '~/.ssh/x': 'Include y', '~/.ssh/y': 'Include x' },
  ],
  [
    'a cycle in a block that does not apply',
    { '~/.ssh/config': 'Host nothing\nInclude config\nHost a\nPort 23' },
  ],
  [
    'a cycle in a Match that does not apply',
    { '~/.ssh/config': 'Match user nobody\nInclude config\nHost a\nPort 23' },
  ],
])

judgeTable('blocks around an Include and inside it end where ssh ends them', [
  ['in a block that applies', { '~/.ssh/config': 'Host a\nInclude x\nUser me', '~/.ssh/x': 'Port 23' }],
  [
    'in a block that does not apply',
    { '~/.ssh/config': 'Host b\nInclude x\nUser me', '~/.ssh/x': 'Port 23' },
  ],
  [
    'a block inside ends with the file',
    { '~/.ssh/config': 'Include x\nUser me', '~/.ssh/x': 'Host b\nPort 23' },
  ],
  [
    'a block inside a block',
    { '~/.ssh/config': 'Host a\nInclude x\nUser me', '~/.ssh/x': 'Host b\nPort 23\nHost a\nHostName h' },
  ],
  [
    'a block inside one that does not apply',
    { '~/.ssh/config': 'Host b\nInclude x\nUser me', '~/.ssh/x': 'Host a\nPort 23\nHost *\nHostName h' },
  ],
  [
    'a Match inside one that does not apply',
    {
      '~/.ssh/config': 'Host b\nInclude x\nUser me',
      '~/.ssh/x': 'Match all\nPort 23\nMatch host a\nHostName h',
    },
  ],
  [
    'a Match exec inside one that does not apply',
    { '~/.ssh/config': 'Host b\nInclude x', '~/.ssh/x': 'Match exec "test %x"\nPort 23' },
  ],
  [
    'a final inside one that does not apply',
    {
      '~/.ssh/config': 'Host b\nInclude x\nMatch !final\nPort 1\nMatch final\nUser me',
      '~/.ssh/x': 'Match final\nPort 23',
    },
  ],
  [
    'the only final, inside one that does not apply',
    { '~/.ssh/config': 'Host b\nInclude x\nMatch canonical\nUser me', '~/.ssh/x': 'Match final\nPort 23' },
  ],
  [
    'an Include inside an Include',
    {
      '~/.ssh/config': 'Host a\nInclude x\nUser me',
      '~/.ssh/x': 'Include y\nHost b\nUser b',
      '~/.ssh/y': 'Host b\nUser c\nHost a\nPort 23',
    },
  ],
  ['an error inside', { '~/.ssh/config': 'Include x\nPort y', '~/.ssh/x': 'Port x\nNothing' }],
  [
    'an error inside, the block does not apply',
    { '~/.ssh/config': 'Host b\nInclude x\nHost a\nUser me', '~/.ssh/x': 'Port x' },
  ],
  ['an error before and inside', { '~/.ssh/config': 'Port y\nInclude x', '~/.ssh/x': 'Port x' }],
  ['an error of two files', { '~/.ssh/config': 'Include x y', '~/.ssh/x': 'Port x', '~/.ssh/y': 'Port y' }],
  [
    'an unknown word that is excused',
    { '~/.ssh/config': 'IgnoreUnknown Nothing\nInclude x', '~/.ssh/x': 'Nothing y\nPort 23' },
  ],
  [
    'an excuse inside',
    { '~/.ssh/config': 'Include x\nNothing y', '~/.ssh/x': 'IgnoreUnknown Nothing\nPort 23' },
  ],
  ['first wins through files', { '~/.ssh/config': 'Include x\nPort 24\nUser me', '~/.ssh/x': 'Port 23' }],
  [
    'lists through files',
    {
      '~/.ssh/config': 'IdentityFile /1\nInclude x\nIdentityFile /3',
      '~/.ssh/x': 'IdentityFile /2\nIdentityFile /1',
    },
  ],
  [
    'the same file twice',
    { '~/.ssh/config': 'Include x\nHost a\nInclude x', '~/.ssh/x': 'IdentityFile /2\nLocalForward 1 a:1' },
  ],
  ['an Include by the system', { '/etc/ssh/ssh_config': 'Include x\nPort 24', '/etc/ssh/x': 'Port 23' }],
  [
    'an Include by the system with a glob',
    {
      '/etc/ssh/ssh_config': 'Include d/*.conf\nPort 24',
      '/etc/ssh/d/x.conf': 'Port 23',
      '/etc/ssh/d/y': 'Port 22',
    },
  ],
  [
    'a home in the file of the system',
    { '/etc/ssh/ssh_config': 'Include ~/.ssh/x\nPort 24', '~/.ssh/x': 'Port 23' },
  ],
  [
    'a home in the file of the system, in a block',
    { '/etc/ssh/ssh_config': 'Host b\nInclude ~/.ssh/x\nHost a\nPort 24' },
  ],
])

judgeTable('files that others can write are refused as ssh refuses them', [
  ...[0o600, 0o644, 0o400, 0o666, 0o622, 0o602, 0o620, 0o777, 0o000].flatMap((mode) => [
    [`the user's file, mode ${mode.toString(8)}`, { '~/.ssh/config': { text: 'Port 23', mode } }] as const,
    [
      `an included file, mode ${mode.toString(8)}`,
      { '~/.ssh/config': 'Include x\nUser me', '~/.ssh/x': { text: 'Port 23', mode } },
    ] as const,
    [
      `the system's file, mode ${mode.toString(8)}`,
      { '/etc/ssh/ssh_config': { text: 'Port 23', mode } },
    ] as const,
    [
      `a file included by the system, mode ${mode.toString(8)}`,
      { '/etc/ssh/ssh_config': 'Include x', '/etc/ssh/x': { text: 'Port 23', mode } },
    ] as const,
    [
      `-F, mode ${mode.toString(8)}`,
      { files: { '~/.ssh/f': { text: 'Port 23', mode } }, ask: [{ host: 'a', file: '~/.ssh/f' }] },
    ] as const,
    [
      `an Include of -F, mode ${mode.toString(8)}`,
      {
        files: { '~/.ssh/f': 'Include x', '~/.ssh/x': { text: 'Port 23', mode } },
        ask: [{ host: 'a', file: '~/.ssh/f' }],
      },
    ] as const,
  ]),
  [
    'an included file in a block that does not apply',
    { '~/.ssh/config': 'Host b\nInclude x', '~/.ssh/x': { text: 'Port 23', mode: 0o666 } },
  ],
])
