// Canonicalisation, with the few names that the judge's /etc/hosts has.

import { judgeTable } from './judge-table.js'

const domains = 'CanonicalDomains one.test two.test'
const ask = [
  'db',
  'web',
  'nowhere',
  'alias',
  'plain',
  'a.b',
  'db.one.test',
  '10.1.0.5',
  '::1',
  'DB',
  'db.',
  'localhost',
].map((host) => ({ host }))
const blocks =
  'Match canonical\nPort 23\nHost *.one.test\nUser one\nHost *.two.test\nUser two\nMatch final\nHostKeyAlias final\n'

judgeTable('names are canonicalised as ssh does it', [
  ...[
    'CanonicalizeHostname yes',
    'CanonicalizeHostname no',
    'CanonicalizeHostname always',
    'CanonicalizeHostname yes\nCanonicalizeMaxDots 0',
    'CanonicalizeHostname yes\nCanonicalizeMaxDots 2',
    'CanonicalizeHostname yes\nCanonicalizeMaxDots -1',
    'CanonicalizeHostname yes\nCanonicalizeFallbackLocal no',
    'CanonicalizeHostname yes\nProxyCommand nc %h',
    'CanonicalizeHostname always\nProxyCommand nc %h',
    'CanonicalizeHostname yes\nProxyJump gw',
    'CanonicalizeHostname always\nProxyJump gw',
    'CanonicalizeHostname always\nProxyJump none',
    'CanonicalizeHostname yes\nProxyCommand none',
    'CanonicalizeHostname yes\nProxyJump none',
    'CanonicalizeHostname yes\nProxyCommand none\nProxyJump none',
    'CanonicalizeHostname yes\nProxyJump none\nProxyCommand none',
    'CanonicalizeHostname yes\nProxyCommand none\nProxyJump gw',
    'CanonicalizePermittedCNAMEs *:*\nProxyCommand none\nProxyJump NONE',
    'CanonicalizeHostname always\nProxyJump gw\nCanonicalizeFallbackLocal no',
    'CanonicalizeHostname yes\nCanonicalizePermittedCNAMEs *.one.test:*.two.test',
    'CanonicalizeHostname yes\nCanonicalizePermittedCNAMEs *:*',
    'CanonicalizeHostname yes\nCanonicalizePermittedCNAMEs none',
    'CanonicalizePermittedCNAMEs *:*',
    'CanonicalizeHostname no\nCanonicalizePermittedCNAMEs *.one.test:*',
    'CanonicalizeHostname yes\nHostName db',
    'CanonicalizeHostname yes\nHostName %h.one.test',
    'CanonicalizeHostname yes\nHostName %h.',
    'CanonicalizeHostname yes\nMatch canonical\nHostName second',
    'CanonicalizeHostname yes\nMatch canonical\nProxyJump second',
    'CanonicalizeHostname yes\nAddressFamily inet6',
    'CanonicalizeHostname yes\nMatch host db.one.test\nHostKeyAlias x',
    'CanonicalizeHostname yes\nMatch originalhost db\nHostKeyAlias x',
    'CanonicalizeHostname yes\nMatch !canonical\nHostKeyAlias x',
    'CanonicalizeHostname yes\nIdentityFile /%h-%n',
    'CanonicalizeHostname yes\nLogLevel QUIET',
    'Match final\nCanonicalizeHostname yes',
    'Match canonical\nCanonicalizeHostname yes',
    'CanonicalizeHostname yes\nMatch exec "test %h = db.one.test"\nHostKeyAlias x',
  ].map((text) => [JSON.stringify(text), { files: `${text}\n${domains}\n${blocks}`, ask }] as const),
  ['no domains', { files: `CanonicalizeHostname yes\n${blocks}`, ask }],
  ['domains none', { files: `CanonicalizeHostname yes\nCanonicalDomains none\n${blocks}`, ask }],
  [
    'domains in another order',
    { files: `CanonicalizeHostname yes\nCanonicalDomains two.test one.test\n${blocks}`, ask },
  ],
  ['a domain with a dot', { files: `CanonicalizeHostname yes\nCanonicalDomains one.test.\n${blocks}`, ask }],
  ['a domain in capitals', { files: `CanonicalizeHostname yes\nCanonicalDomains ONE.test\n${blocks}`, ask }],
  ['by -o', { files: `${domains}\n${blocks}`, ask: [{ host: 'db', options: ['CanonicalizeHostname=yes'] }] }],
  [
    'with -J',
    {
      files: `CanonicalizeHostname yes\n${domains}\n${blocks}`,
      ask: [
        { host: 'db', jump: 'gw' },
        { host: 'db', jump: 'none' },
      ],
    },
  ],
  [
    'always, with -J',
    {
      files: `CanonicalizeHostname always\n${domains}\n${blocks}`,
      ask: [
        { host: 'db', jump: 'gw' },
        { host: 'db', jump: 'none' },
      ],
    },
  ],
  [
    'the user of the first pass',
    { files: `CanonicalizeHostname yes\n${domains}\nHost db\nUser first\n${blocks}`, ask },
  ],
  [
    'identities of both passes',
    {
      files: `CanonicalizeHostname yes\n${domains}\nHost db\nIdentityFile /1\nHost db.one.test\nIdentityFile /2\nHost *\nIdentityFile /3`,
      ask,
    },
  ],
  [
    'environments of both passes',
    {
      files: `CanonicalizeHostname yes\n${domains}\nSendEnv A\nHost db.one.test\nSendEnv B -A\nSetEnv C=1\nHost *\nSetEnv D=2\nLocalForward 1 a:1`,
      ask,
    },
  ],
])
