// ProxyJump and ProxyCommand: the grammar of hops, `none`, and which of the two wins in either order.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of ssh_config look like this

import { keywordValues } from '../../support/random-config-values.js'
import { judgeTable } from './judge-table.js'

const jumps = keywordValues.get('ProxyJump')
const spellings = [
  ...(jumps?.usual ?? []),
  ...(jumps?.odd ?? []),
  'gw,gw,gw',
  'a@gw1:1,b@gw2:2,c@gw3:3',
  'gw:65535',
  'gw:65536',
  'gw:022',
  'gw:+22',
  'gw: 22',
  'gw:ssh',
  '@',
  ':',
  ',',
  'gw,,gw',
  'ssh://gw:22/',
  'ssh://gw/',
  'ssh://gw//',
  'ssh://me@gw:22,other',
  'ssh://me:pw@gw',
  'ssh://me;x=y@gw:5',
  'ssh://%6de@gw',
  'ssh://a%2fb@gw',
  'ssh://a%00b@gw',
  'ssh://a%@gw',
  'ssh://[fe80::1]:22',
  'ssh://::1',
  'ssh://gw:0',
  'ssh://gw:x',
  'ssh://gw:',
  'ssh://@gw',
  'me@[fe80::1%eth0]:22',
  '[gw]:22',
  '[::1',
  '::1]',
  '[::1]x',
  '[::1]:',
  'me@host@gw:22',
  'none ',
  'None',
  'none:22',
  'me@none',
  'gw#x',
  'gw\tx',
  'gw\\,x',
  'a;b',
  '$(x)',
  'gw`x`',
  "a'b",
  '${ORACLE}',
  '%h.gw',
  '%r@gw',
  'gw%%',
]

judgeTable(
  'the hops of a ProxyJump are read as ssh reads them',
  spellings.flatMap((spelling) => [
    [`ProxyJump ${spelling}`, `ProxyJump ${spelling}\nUser me\nPort 2200`] as const,
    [
      `-o ProxyJump=${spelling}`,
      { files: {}, ask: [{ host: 'a', options: [`ProxyJump=${spelling}`] }] },
    ] as const,
  ]),
)

judgeTable(
  'the hops of -J are read as ssh reads them',
  spellings
    .filter((spelling) => !/["'`$;\\]/.test(spelling))
    .map((spelling) => [
      `-J ${spelling}`,
      { files: 'ProxyJump other\n', ask: [{ host: 'a', jump: spelling }] },
    ]),
)

const both = [
  'ProxyJump gw',
  'ProxyJump none',
  'ProxyJump gw2,gw3',
  'ProxyCommand nc %h %p',
  'ProxyCommand none',
  'ProxyCommand NONE',
  'ProxyCommand "none"',
  'ProxyCommand none x',
  'ProxyJump NONE',
  'ProxyUseFdpass yes',
]

judgeTable(
  'of two proxies the one wins that wins in ssh',
  both.flatMap((first) => both.map((second) => [`${first}, then ${second}`, `${first}\n${second}`])),
)

judgeTable('of three proxies, and of those that the caller gives', [
  ...both.flatMap((first) =>
    both
      .filter((second) => second !== first)
      .map(
        (second) =>
          [
            `${first}, ${second}, then both kinds`,
            `${first}\n${second}\nProxyJump x\nProxyCommand y`,
          ] as const,
      ),
  ),
  ...both.flatMap((line) => [
    [`-J gw and ${line}`, { files: line, ask: [{ host: 'a', jump: 'gw' }] }] as const,
    [`-J none and ${line}`, { files: line, ask: [{ host: 'a', jump: 'none' }] }] as const,
    [
      `-o ProxyCommand=x and ${line}`,
      { files: line, ask: [{ host: 'a', options: ['ProxyCommand=x'] }] },
    ] as const,
    [
      `-o ProxyCommand=none and ${line}`,
      { files: line, ask: [{ host: 'a', options: ['ProxyCommand=none'] }] },
    ] as const,
    [
      `-o ProxyJump=none and ${line}`,
      { files: line, ask: [{ host: 'a', options: ['ProxyJump=none'] }] },
    ] as const,
    [
      `-o ProxyJump=gw9 and ${line}`,
      { files: line, ask: [{ host: 'a', options: ['ProxyJump=gw9'] }] },
    ] as const,
  ]),
  ['-J with -o ProxyJump', { files: {}, ask: [{ host: 'a', jump: 'gw', options: ['ProxyJump=x'] }] }],
  ['-J with -o ProxyCommand', { files: {}, ask: [{ host: 'a', jump: 'gw', options: ['ProxyCommand=x'] }] }],
  ['two blocks', 'Host a\nProxyJump gw\nHost *\nProxyCommand nc\nProxyJump other'],
  [
    'the gateway matches its own block',
    { files: 'Host *\nProxyJump gw', ask: [{ host: 'gw' }, { host: 'a' }] },
  ],
  ['a loop of one', { files: 'Host *\nProxyJump a', ask: [{ host: 'a' }, { host: 'A' }] }],
  ['a loop of one with a port', { files: 'Host *\nProxyJump a:22\nPort 22', ask: [{ host: 'a' }] }],
  ['no loop, another port', { files: 'Host *\nProxyJump a:23', ask: [{ host: 'a' }] }],
  [
    'no loop, another user',
    { files: 'Host *\nProxyJump me@a', ask: [{ host: 'a' }, { host: 'a', user: 'me' }] },
  ],
  ['no loop, through two', { files: 'Host *\nProxyJump x,a', ask: [{ host: 'a' }] }],
  ['a loop through HostName', { files: 'Host x\nHostName a\nHost *\nProxyJump a', ask: [{ host: 'x' }] }],
  ['ProxyUseFdpass with a jump', 'ProxyJump gw\nProxyUseFdpass yes'],
  ['ProxyUseFdpass with a dash', 'ProxyCommand -\nProxyUseFdpass yes'],
  ['ProxyUseFdpass with a command', 'ProxyCommand nc\nProxyUseFdpass yes'],
  ['a final pass', 'Match final\nProxyJump gw\nHost *\nProxyCommand nc'],
  ['a final pass after a command', 'ProxyCommand nc\nMatch final\nProxyJump gw'],
])
