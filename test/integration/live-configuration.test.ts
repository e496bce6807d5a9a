// The live oracle, on what configuration is read and which parts of it apply.

import { describe } from 'vitest'
import { leakCheck } from '../support/leak-check.js'
import { liveOracle, refused, type Scenario, testAgreement } from '../support/live-oracle.js'

leakCheck()
const rig = liveOracle()

const reached = { exitCode: 0, stdout: 'reached\n' }
const shown = 'echo "$LIVE_SHOWN"'

/** A scenario that shows which of several values was obtained first. */
function obtains(value: string, scenario: Scenario): Scenario {
  return { ...scenario, command: shown, outcome: { exitCode: 0, stdout: `${value}\n` } }
}

const blocks: readonly Scenario[] = [
  obtains('1', {
    promise: 'a negated pattern takes a host out of a block',
    config:
      'Host * !t*\n  SetEnv LIVE_SHOWN=0\nHost t?rget !one\n  SetEnv LIVE_SHOWN=1\nHost *\n  SetEnv LIVE_SHOWN=2',
  }),
  obtains('1', {
    promise: 'Match host and user hold together, and of the real host',
    config:
      'Match originalhost target user nobody\n  SetEnv LIVE_SHOWN=0\nHost target\n  HostName 127.0.1.4\nMatch host 127.0.*.4 user root\n  SetEnv LIVE_SHOWN=1\nHost *\n  SetEnv LIVE_SHOWN=2',
    flags: ['-F', '.ssh/config', '-l', 'root'],
  }),
  obtains('1', {
    promise: 'Match originalhost holds of the host as it was named',
    config:
      'Match originalhost 127.0.1.4\n  SetEnv LIVE_SHOWN=0\nMatch originalhost target !localuser root\n  SetEnv LIVE_SHOWN=1',
  }),
  obtains('1', {
    promise: 'Match exec asks a command, once the criteria before it hold',
    config:
      'Match originalhost other exec "touch .ssh/asked"\n  SetEnv LIVE_SHOWN=0\nMatch !exec "test %n = other" exec "test %n.%r.%p = target.root.22"\n  SetEnv LIVE_SHOWN=1',
    flags: ['-F', '.ssh/config', '-l', 'root'],
  }),
  obtains('1', {
    promise: 'Match final holds in a second pass, whose values come last',
    config:
      'Match final host 127.0.1.4\n  SetEnv LIVE_SHOWN=0\n  ProxyJump one\nMatch all\n  SetEnv LIVE_SHOWN=1',
  }),
  obtains('0', {
    promise: 'what stands in no block holds for all',
    config: 'SetEnv LIVE_SHOWN=0\nHost target\n  SetEnv LIVE_SHOWN=1',
  }),
  {
    promise: 'HostName makes an address of a name',
    config: 'Host 1.4\n  HostName 127.0.%h\n  Port 2204\n  IdentityFile ~/.ssh/target.key',
    host: '1.4',
    outcome: reached,
  },
]

const files: readonly Scenario[] = [
  obtains('a', {
    promise: 'included files are read in the order of their names, where the line stands',
    config: 'Include conf.d/*.conf no-such-file\nSetEnv LIVE_SHOWN=none',
    files: () => ({
      '.ssh/conf.d/b.conf': 'SetEnv LIVE_SHOWN=b\n',
      '.ssh/conf.d/a.conf': 'SetEnv LIVE_SHOWN=a\n',
      '.ssh/conf.d/0.other': 'nonsense\n',
    }),
  }),
  obtains('2', {
    promise: 'a file included in a block holds where the block does',
    config:
      'Host other\n  Include included\nMatch host 127.*\n  Include included\nHost *\n  SetEnv LIVE_SHOWN=2',
    files: () => ({ '.ssh/included': 'SetEnv LIVE_SHOWN=0\nHost *\n  SetEnv LIVE_SHOWN=1\n' }),
  }),
  obtains('user', {
    promise: 'without -F the file of the user is read',
    config: 'SetEnv LIVE_SHOWN=user',
    flags: [],
  }),
  {
    promise: 'without -F the file of the system is read after that of the user',
    config: 'StrictHostKeyChecking accept-new\nUserKnownHostsFile ~/.ssh/new',
    flags: [],
    outcome: reached,
  },
  {
    promise: 'lines may end as on Windows, and the last one not at all',
    files: ({ network }) => ({
      '.ssh/config': `${network.blocks()}ServerAliveInterval=30`.replaceAll('\n', '\r\n'),
    }),
    outcome: reached,
  },
  {
    promise: 'without -F a file that others can write is refused',
    flags: [],
    modes: { '.ssh/config': 0o666 },
    outcome: refused,
  },
  {
    promise: '-F none reads no file, and -o says all',
    flags: [
      ...['-F', 'none', '-p', '2204', '-i', '.ssh/target.key'],
      ...['-o', 'HostName=127.0.1.4', '-o', 'User root', '-o', 'BatchMode=yes'],
    ],
    host: 'anything',
    outcome: reached,
  },
  {
    promise: 'a file of -F that is not there is refused',
    flags: ['-F', '.ssh/no-such-file'],
    outcome: refused,
  },
]

const commandLine: readonly Scenario[] = [
  obtains('o', {
    promise: '-o beats the file, and the first of two -o the second',
    config: 'SetEnv LIVE_SHOWN=file',
    flags: ['-F', '.ssh/config', '-o', 'SetEnv=LIVE_SHOWN=o', '-o', 'SetEnv LIVE_SHOWN=second'],
  }),
  {
    promise: 'a host may be a URI, with its user and port',
    config: 'Host 127.0.1.4\n  IdentityFile ~/.ssh/target.key\nUser nobody\nPort 9',
    host: 'ssh://root@127.0.1.4:2204',
    outcome: reached,
  },
  {
    promise: 'the -p after an -o Port says nothing new',
    flags: ['-F', '.ssh/config', '-o', 'Port=2204', '-p', '9'],
    outcome: reached,
  },
]

const mistakes: readonly Scenario[] = [
  {
    promise: 'an unknown keyword is refused, in whatever block',
    config: 'Host other\n  Nonsense yes\n',
    outcome: refused,
    place: '.ssh/config:2',
  },
  {
    promise: 'a bad value is refused, in whatever block',
    config: 'Host other\n  Port none\n',
    outcome: refused,
    place: '.ssh/config:2',
  },
  {
    promise: 'a quotation without an end is refused',
    config: 'User "root',
    outcome: refused,
    place: '.ssh/config:1',
  },
  {
    promise: 'IgnoreUnknown lets unknown keywords pass',
    config: 'IgnoreUnknown Non*,Other\nNonsense yes\nOther "a b" c',
    outcome: reached,
  },
  {
    promise: 'a keyword of former times does no harm',
    config: 'Protocol 2\nUseRoaming no\nRhostsRSAAuthentication no\n',
    outcome: reached,
  },
  {
    promise: 'a variable that is not set is refused',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of ssh_config.
    config: 'IdentityFile ~/.ssh/${LIVE_NOT_SET}',
    outcome: refused,
  },
  {
    promise: 'a token that does not exist is refused',
    config: 'IdentityFile ~/.ssh/%y',
    outcome: refused,
  },
  {
    promise: 'a file that includes itself is refused',
    config: 'Include config',
    outcome: refused,
  },
  {
    promise: 'an included file that cannot be read is refused',
    config: 'Include included',
    files: () => ({ '.ssh/included': 'User root\n' }),
    modes: { '.ssh/included': 0 },
    outcome: refused,
  },
  {
    promise: 'a mistake in an included file is refused',
    config: 'Host other\n  Include included',
    files: () => ({ '.ssh/included': '\nNonsense yes\n' }),
    outcome: refused,
    place: '.ssh/included:2',
  },
]

describe('a block', () => testAgreement(rig, blocks))
describe('a file', () => testAgreement(rig, files))
describe('the command line', () => testAgreement(rig, commandLine))
describe('a mistake', () => testAgreement(rig, mistakes))
