// The live oracle, on commands: their streams, their ends, their terminals and their surroundings.

import { describe } from 'vitest'
import { leakCheck } from '../support/leak-check.js'
import { liveOracle, refused, type Scenario, testAgreement } from '../support/live-oracle.js'

leakCheck()
const rig = liveOracle()

const ends: readonly Scenario[] = [
  { promise: 'an exit status is passed on', command: 'exit 3', outcome: { exitCode: 3, stdout: '' } },
  { promise: 'a command that is not there is 127', command: 'no-such-command', outcome: { exitCode: 127 } },
  { promise: 'the exit status 255 is passed on', command: 'exit 255', outcome: { exitCode: 255 } },
  {
    promise: 'death by a signal is 255, and what was written before is there',
    command: 'echo before; kill -TERM $$; sleep 9',
    outcome: { exitCode: 255, stdout: 'before\n' },
  },
  {
    promise: 'a server that goes away amidst a command is 255, and what was written before is there',
    command: 'echo before; sleep 0.2; kill -KILL $PPID; sleep 9',
    outcome: { exitCode: 255, stdout: 'before\n' },
  },
  {
    promise: 'a command ends when the last of those that write has ended',
    command: '(sleep 0.3; echo late; exit 4) & echo early; exit 3',
    outcome: { exitCode: 3, stdout: 'early\nlate\n' },
  },
  {
    promise: 'those that do not write are not waited for',
    command: 'sleep 9 </dev/null >/dev/null 2>&1 & exit 3',
    outcome: { exitCode: 3 },
  },
]

const long = `${'0123456789abcde\n'.repeat(20_000)}`

const streams: readonly Scenario[] = [
  {
    promise: 'standard input reaches the command, to its end',
    command: 'cat',
    input: long,
    outcome: { exitCode: 0, stdout: long },
  },
  {
    promise: 'a command need not read its standard input',
    command: 'echo done',
    input: long,
    outcome: { exitCode: 0, stdout: 'done\n' },
  },
  {
    promise: '-n keeps standard input away',
    flags: ['-F', '.ssh/config', '-n'],
    command: 'wc -c',
    input: 'kept away',
    outcome: { exitCode: 0, stdout: '0\n' },
  },
  {
    promise: 'a long output arrives whole, through a gateway and with other keys meanwhile',
    config: 'Host target\n  ProxyJump one\n  RekeyLimit 1M',
    command: "head -c 4000000 /dev/zero | tr '\\0' x; echo",
    outcome: { exitCode: 0, stdout: `${'x'.repeat(4_000_000)}\n` },
  },
  {
    promise: 'the two outputs are kept apart',
    command: 'echo out; echo remote: error >&2; echo more; exit 4',
    outcome: { exitCode: 4, stdout: 'out\nmore\n', stderr: 'remote: error\n' },
  },
  {
    promise: 'a compressed connection carries the same',
    config: 'Compression yes',
    command: 'cat',
    input: long,
    outcome: { exitCode: 0, stdout: long },
  },
]

const hasTerminal = 'test -t 0 && test -t 1 && echo terminal || echo none'

const terminals: readonly Scenario[] = [
  {
    promise: 'RequestTTY force gives a command a terminal',
    config: 'RequestTTY force',
    command: hasTerminal,
    outcome: { exitCode: 0, stdout: 'terminal\r\n' },
  },
  {
    promise: 'RequestTTY yes asks for none where there is none here',
    config: 'RequestTTY yes',
    command: hasTerminal,
    outcome: { exitCode: 0, stdout: 'none\n' },
  },
  {
    promise: '-T beats RequestTTY force',
    config: 'RequestTTY force',
    flags: ['-F', '.ssh/config', '-T'],
    command: hasTerminal,
    outcome: { exitCode: 0, stdout: 'none\n' },
  },
  {
    promise: 'a second -t beats RequestTTY no',
    config: 'RequestTTY no',
    flags: ['-F', '.ssh/config', '-o', 'RequestTTY=no', '-tt'],
    command: hasTerminal,
    outcome: { exitCode: 0, stdout: 'terminal\r\n' },
  },
]

const remoteCommands: readonly Scenario[] = [
  {
    promise: 'RemoteCommand is run where no command is given',
    config: 'RemoteCommand echo %n %h %p %r; exit 5\nRequestTTY force',
    command: '',
    outcome: { exitCode: 5, stdout: 'target 127.0.1.4 2204 root\r\n' },
  },
  {
    promise: 'RemoteCommand and a command do not go together',
    config: 'RemoteCommand true',
    outcome: refused,
  },
  {
    promise: 'RemoteCommand none leaves the command alone',
    config: 'RemoteCommand none\nRemoteCommand true',
    outcome: { exitCode: 0, stdout: 'reached\n' },
  },
]

const variables: readonly Scenario[] = [
  {
    promise: 'SendEnv sends what its patterns match, but for what is taken out again',
    config: 'SendEnv LIVE_A* LIVE_B LIVE_C\nSendEnv -LIVE_?',
    command: 'echo "$LIVE_A/$LIVE_AA/$LIVE_AB/$LIVE_B/$LIVE_C"',
    env: () => ({ LIVE_A: 'a', LIVE_AA: 'aa', LIVE_AB: 'ab', LIVE_B: 'b b', LIVE_C: 'c' }),
    outcome: { exitCode: 0, stdout: 'a/aa/ab//\n' },
  },
  {
    promise: 'SetEnv beats SendEnv, and what the server does not take is dropped',
    config: 'SendEnv LIVE_*\nSetEnv LIVE_A="set here" OTHER=x',
    command: 'echo "$LIVE_A/$LIVE_B/$OTHER"',
    env: () => ({ LIVE_A: 'a', LIVE_B: 'b' }),
    outcome: { exitCode: 0, stdout: 'set here/b/\n' },
  },
]

describe('an end', () => testAgreement(rig, ends))
describe('a stream', () => testAgreement(rig, streams))
describe('a terminal', () => testAgreement(rig, terminals))
describe('a remote command', () => testAgreement(rig, remoteCommands))
describe('a variable', () => testAgreement(rig, variables))
