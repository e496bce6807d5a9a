// Tokens, ${VARIABLES} and the tilde, in each keyword; HostName %h.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of ssh_config look like this

import { judgeTable } from './judge-table.js'

/** Keywords that ssh expands, and some that it does not. */
const keywords = [
  'CertificateFile',
  'ControlPath',
  'IdentityAgent',
  'IdentityFile',
  'KnownHostsCommand',
  'UserKnownHostsFile',
  'GlobalKnownHostsFile',
  'RevokedHostKeys',
  'LocalForward',
  'RemoteForward',
  'DynamicForward',
  'RemoteCommand',
  'LocalCommand',
  'ProxyCommand',
  'ProxyJump',
  'HostName',
  'User',
  'ForwardAgent',
  'HostKeyAlias',
  'BindAddress',
  'SetEnv',
  'SendEnv',
  'XAuthLocation',
  'PKCS11Provider',
  'SecurityKeyProvider',
  'PreferredAuthentications',
  'CanonicalDomains',
  'Tunnel',
]
const tokens = [...'%CdhijkLlnpruTfHIKtx '].map((letter) => `%${letter}`)

const wrap = (keyword: string, text: string): string => {
  if (keyword === 'LocalForward' || keyword === 'RemoteForward') return `/s/${text} /t/${text}`
  if (keyword === 'SetEnv') return `A=${text}`
  if (['ProxyCommand', 'RemoteCommand', 'LocalCommand'].includes(keyword)) return `run ${text}`
  if (['HostName', 'User', 'ProxyJump', 'HostKeyAlias', 'BindAddress'].includes(keyword)) return `x${text}`
  return `/s/${text}`
}

const ask = [
  { host: 'a' },
  { host: 'db.one.test', user: 'you', port: 2222 },
  { host: 'a', jump: 'me@gw:2222' },
]

judgeTable(
  'a keyword takes the tokens that it takes in ssh',
  keywords.flatMap((keyword) =>
    tokens.map((token) => [
      `${keyword} with ${token}`,
      {
        files: `${keyword} ${wrap(keyword, token)}\nHostName real.%h\nUser me\nHostKeyAlias alias`,
        ask: [{ host: 'a' }],
      },
    ]),
  ),
)

judgeTable(
  'the tokens stand for what they stand for in ssh',
  [
    'IdentityFile',
    'UserKnownHostsFile',
    'ControlPath',
    'LocalForward',
    'RemoteCommand',
    'ProxyCommand',
  ].flatMap((keyword) =>
    ['%%%h%%', '%h-%n-%p-%r', '%d', '%u-%i', '%L-%l', '%k', '%C', '%n%%n'].map((text) => [
      `${keyword} with ${text}`,
      { files: `${keyword} ${wrap(keyword, text)}\nHost a\nHostName real`, ask },
    ]),
  ),
)

const variables = [
  '${ORACLE}',
  '${ORACLE}${ORACLE}',
  'x${ORACLE}y',
  '${ORACLE_EMPTY}',
  'x${ORACLE_EMPTY}y',
  '${ORACLE_DIR}',
  '${ORACLE_UNSET}',
  '${}',
  '${ORACLE',
  '$ORACLE',
  '$',
  '$$',
  '${ORACLE }',
  '${OR-ACLE}',
  '${1}',
  '$${ORACLE}',
  '\\${ORACLE}',
  '"${ORACLE}"',
  '%${ORACLE}',
  '${ORACLE_TOKEN}',
  '${${ORACLE}}',
  '~',
  '~/x',
  '~/',
  '~//x',
  '~root/x',
  '~root',
  '~nobodyhere/x',
  '/x/~/y',
  '"~/x"',
  '~%u/x',
  '~${ORACLE}/x',
  '${ORACLE_DIR}/x',
]

judgeTable(
  'a keyword takes variables and the tilde where it takes them in ssh',
  keywords.flatMap((keyword) =>
    variables.map((text) => [
      `${keyword} with ${text}`,
      {
        files: `${keyword} ${['LocalForward', 'RemoteForward'].includes(keyword) ? `${text} /t/${text}` : keyword === 'SetEnv' ? `A=${text}` : text}`,
        ask: [{ host: 'a', env: { ORACLE_TOKEN: '%h' } }],
      },
    ]),
  ),
)

judgeTable('HostName is expanded as ssh expands it', [
  ...[
    '%h',
    '%h.one.test',
    '%h%h',
    '%%h',
    '%%',
    '%',
    'x%',
    '%n',
    '%p',
    '%d',
    '${ORACLE}',
    '~',
    '10.0.0.1',
    '::1',
    '[::1]',
    'fe80::1%%eth0',
    'fe80::1%eth0',
    'REAL',
    'real.',
    '-x',
    'a b',
    '"a b"',
    'a;b',
    "a'b",
    'none',
    'x'.repeat(300),
    '%h'.repeat(20),
    'a@b',
    'a/b',
    '\\x',
    'é',
  ].flatMap((name) => [
    [
      `HostName ${name.slice(0, 40)}`,
      { files: `HostName ${name}`, ask: [{ host: 'a' }, { host: 'DB.one.test' }, { host: '::1' }] },
    ] as const,
    [
      `HostName ${name.slice(0, 40)}, and a second pass`,
      `HostName ${name}\nMatch final host ${name}\nPort 23`,
    ] as const,
    [
      `-o HostName=${name.slice(0, 40)}`,
      { files: {}, ask: [{ host: 'a', options: [`HostName=${name}`] }] },
    ] as const,
  ]),
  [
    'a value in a block that does not apply',
    'Host b\nHostName %x\nIdentityFile %x\nIdentityFile ${ORACLE_UNSET}',
  ],
  ['a value that is beaten', 'IdentityAgent none\nIdentityAgent ${ORACLE_UNSET}\nHostName x\nHostName %x'],
  ['a name in capitals', { files: 'Host A\nPort 23\nHost a\nUser me', ask: [{ host: 'A' }, { host: 'a' }] }],
  ['a HostName in capitals', 'HostName ABC\nIdentityFile /%h-%n'],
  [
    'tokens after HostName',
    { files: 'IdentityFile /%h-%n\nHostName x.%h', ask: [{ host: 'A' }, { host: 'b' }] },
  ],
  ['tokens and a user with a token', 'User u%i\nIdentityFile /%r'],
])
