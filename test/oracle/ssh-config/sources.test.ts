// Where values come from: the caller's flags, the user's file, the system's, -F; and who may own a file.

import { judgeTable } from './judge-table.js'

const files = {
  '~/.ssh/config': 'Host a\nPort 23\nHost *\nIdentityFile /user\nUser user\nSendEnv U',
  '/etc/ssh/ssh_config': 'Host *\nPort 24\nUser system\nIdentityFile /system\nCompression yes\nSendEnv S -U',
  '~/.ssh/other': 'Host *\nPort 25\nIdentityFile /other\nInclude more',
  '~/.ssh/more': 'User more\nLogLevel DEBUG',
}

judgeTable('the sources beat each other as in ssh', [
  ['both files', { files, ask: [{ host: 'a' }, { host: 'b' }] }],
  [
    'the user only',
    { files: { '~/.ssh/config': files['~/.ssh/config'] }, ask: [{ host: 'a' }, { host: 'b' }] },
  ],
  [
    'the system only',
    { files: { '/etc/ssh/ssh_config': files['/etc/ssh/ssh_config'] }, ask: [{ host: 'a' }] },
  ],
  ['neither', { files: {}, ask: [{ host: 'a' }] }],
  [
    '-F',
    {
      files,
      ask: [
        { host: 'a', file: '~/.ssh/other' },
        { host: 'b', file: '~/.ssh/config' },
      ],
    },
  ],
  ['-F none', { files, ask: [{ host: 'a', file: 'none' }] }],
  ['-F NONE', { files, ask: [{ host: 'a', file: 'NONE' }] }],
  ['-F of a file that is not there', { files, ask: [{ host: 'a', file: '~/.ssh/missing' }] }],
  ['-F of a directory', { files, ask: [{ host: 'a', file: '~/.ssh/' }] }],
  ['-F /dev/null', { files, ask: [{ host: 'a', file: '/dev/null' }] }],
  [
    'an error in the user file',
    { files: { ...files, '~/.ssh/config': 'Port x' }, ask: [{ host: 'a' }, { host: 'a', file: 'none' }] },
  ],
  [
    'an error in the system file',
    {
      files: { ...files, '/etc/ssh/ssh_config': 'Port x' },
      ask: [{ host: 'a' }, { host: 'a', file: '~/.ssh/other' }],
    },
  ],
  ['errors in both', { files: { '~/.ssh/config': 'Port x', '/etc/ssh/ssh_config': 'Port y' } }],
  ['an empty user file', { files: { ...files, '~/.ssh/config': '' } }],
  ['a directory as the user file', { files: { '~/.ssh/config/x': '', '/etc/ssh/ssh_config': 'Port 24' } }],
  [
    'IgnoreUnknown of the user for the system',
    { files: { '~/.ssh/config': 'IgnoreUnknown One', '/etc/ssh/ssh_config': 'One x\nPort 23' } },
  ],
  ['a proxy of each', { files: { '~/.ssh/config': 'ProxyJump u', '/etc/ssh/ssh_config': 'ProxyCommand s' } }],
  [
    'a proxy of each, the other way',
    { files: { '~/.ssh/config': 'ProxyCommand u', '/etc/ssh/ssh_config': 'ProxyJump s' } },
  ],
  [
    'a block does not go on in the next file',
    { files: { '~/.ssh/config': 'Host b\nPort 23', '/etc/ssh/ssh_config': 'User s' } },
  ],
  [
    'final in the system file',
    { files: { '~/.ssh/config': 'Match final\nUser u', '/etc/ssh/ssh_config': 'Match final\nPort 23' } },
  ],
])

judgeTable('the flags of the caller count as in ssh', [
  [
    '-l and -p',
    {
      files,
      ask: [
        { host: 'a', user: 'me', port: 1 },
        { host: 'b', port: 65535 },
      ],
    },
  ],
  ['-l and -o User', { files, ask: [{ host: 'a', user: 'me', options: ['User=you'] }] }],
  ['-p and -o Port', { files, ask: [{ host: 'a', port: 5, options: ['Port=6'] }] }],
  ...[
    'Port=5',
    'Port 5',
    'Port = 5',
    'Port="5"',
    'Port=x',
    'Port',
    'Port=',
    'port=5',
    ' Port=5',
    '# Port=5',
    '',
    'NoSuchThing=x',
    'IgnoreUnknown=NoSuchThing',
    'IdentityFile=/x',
    'IdentityFile=~/x',
    'SendEnv=-U',
    'SendEnv=X',
    'SetEnv=A=b',
    'User="a b"',
    'User=%u',
    'HostName=%h.x',
    'HostName=%x',
    'Host=a',
    'Host=b',
    'Match=all',
    'Include=more',
    'Include=~/.ssh/more',
    'ProxyCommand=nc %h %p',
    'ProxyCommand=nc # x',
    'ProxyJump=gw',
    'LocalForward=1 a:1',
    'LocalForward="1 a:1"',
    'Ciphers=+3des-cbc',
    'Ciphers=',
    'ControlPath=~/%C',
    'ConnectTimeout=1m',
    'IdentityFile="/a b"',
    'IdentityFile=/a b',
    'Compression=no',
    'Protocol=2',
    'RSAAuthentication=yes',
    'Port=5\nUser=x',
    'Port=5 # comment',
    'RemoteCommand=echo "a # b"',
    'UserKnownHostsFile=/a /b',
    'UserKnownHostsFile=none',
  ].map(
    (option) => [`-o ${JSON.stringify(option)}`, { files, ask: [{ host: 'a', options: [option] }] }] as const,
  ),
  [
    'two of one kind',
    { files, ask: [{ host: 'a', options: ['Port=5', 'Port=6', 'IdentityFile=/1', 'IdentityFile=/2'] }] },
  ],
  ['an excuse by -o', { files: 'One x\nPort 23', ask: [{ host: 'a', options: ['IgnoreUnknown=One'] }] }],
  ['two bad ones', { files, ask: [{ host: 'a', options: ['Port=x', 'Nothing=y'] }] }],
  ['a bad one and a bad file', { files: 'Port x', ask: [{ host: 'a', options: ['Port=y'] }] }],
  ['a command', { files, ask: [{ host: 'a', command: 'uptime' }] }],
  [
    'a command and RemoteCommand',
    { files: 'RemoteCommand x', ask: [{ host: 'a', command: 'uptime' }, { host: 'a' }] },
  ],
  [
    'a command and SessionType none',
    { files: 'SessionType none', ask: [{ host: 'a', command: 'uptime' }, { host: 'a' }] },
  ],
  [
    'a command and SessionType subsystem',
    { files: 'SessionType subsystem', ask: [{ host: 'a', command: 'sftp' }, { host: 'a' }] },
  ],
  ['a user and tokens', { files: 'IdentityFile /%r-%p', ask: [{ host: 'a', user: 'me', port: 7 }] }],
])

if (process.getuid?.() === 0) {
  const foreign = { text: 'Port 23', uid: 65_534 }
  judgeTable('files of other users are refused as ssh refuses them', [
    ['the user file', { files: { '~/.ssh/config': foreign } }],
    ['an included file', { files: { '~/.ssh/config': 'Include x', '~/.ssh/x': foreign } }],
    ['the system file', { files: { '/etc/ssh/ssh_config': foreign } }],
    [
      'a file that the system includes',
      { files: { '/etc/ssh/ssh_config': 'Include x', '/etc/ssh/x': foreign } },
    ],
    ['-F', { files: { '~/.ssh/x': foreign }, ask: [{ host: 'a', file: '~/.ssh/x' }] }],
    [
      '-F and Include',
      { files: { '~/.ssh/y': 'Include x', '~/.ssh/x': foreign }, ask: [{ host: 'a', file: '~/.ssh/y' }] },
    ],
  ])
}
