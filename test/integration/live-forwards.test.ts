// The live oracle, on forwards: -L, -R, -D, -W and their keywords. Commands run on the target, which shares its loopback
// with whoever visits it, so that they can be clients of what is forwarded.

import { describe } from 'vitest'
import { leakCheck } from '../support/leak-check.js'
import {
  type Difference,
  liveOracle,
  type Scenario,
  testAgreement,
  testDifferences,
} from '../support/live-oracle.js'

leakCheck()
const rig = liveOracle()

/** The first words of the server at the target, which any client of it gets. */
const greeting = 'SSH-2.0'
const target = '127.0.1.4:2204'

/** A command that is a client of a port, and says what it got. */
function greetedAt(port: number): string {
  return `bash -c 'head -c ${greeting.length} </dev/tcp/127.0.0.1/${port}' 2>/dev/null; echo " $?"`
}

const by = (...flags: readonly string[]): readonly string[] => ['-F', '.ssh/config', ...flags]
const greeted = { exitCode: 0, stdout: `${greeting} 0\n` }
const nobody = { exitCode: 0, stdout: ' 1\n' }

const flags: readonly Scenario[] = [
  {
    promise: '-L leads from here to there',
    flags: by('-L', `8080:${target}`),
    command: greetedAt(8080),
    outcome: greeted,
  },
  {
    promise: '-L leads through a gateway, too, and from the target on',
    config: 'Host target\n  ProxyJump one',
    flags: by('-L', `8080:${target}`),
    command: greetedAt(8080),
    outcome: greeted,
  },
  {
    promise: '-L to a port where nobody listens closes the connection, and the command runs',
    flags: by('-L', '8080:127.0.1.4:1'),
    command: "bash -c 'cat </dev/tcp/127.0.0.1/8080' 2>/dev/null | wc -c",
    outcome: { exitCode: 0, stdout: '0\n' },
  },
  {
    promise: '-L twice for one port: the second is a warning',
    flags: by('-L', `8080:${target}`, '-L', '8080:127.0.1.4:1'),
    command: greetedAt(8080),
    outcome: greeted,
  },
  {
    promise: '-L twice for one port, with ExitOnForwardFailure: the end',
    flags: by('-o', 'ExitOnForwardFailure=yes', '-L', `8080:${target}`, '-L', '8080:127.0.1.4:1'),
    command: 'echo ran',
    outcome: { exitCode: 255, stdout: '' },
  },
  {
    promise: '-R leads from there to here',
    flags: by('-R', `8081:${target}`),
    command: greetedAt(8081),
    outcome: greeted,
  },
  {
    promise: '-R where the server does not listen is a warning',
    flags: by('-R', `8081:${target}`, '-R', '8081:127.0.1.4:1'),
    command: greetedAt(8081),
    outcome: greeted,
  },
  {
    promise: '-R where the server does not listen, with ExitOnForwardFailure: the end',
    flags: by('-o', 'ExitOnForwardFailure=yes', '-R', `8081:${target}`, '-R', '8081:127.0.1.4:1'),
    command: 'sleep 2; echo ran',
    outcome: { exitCode: 255, stdout: '' },
  },
  {
    promise: '-D is a proxy of SOCKS 4 and 5',
    flags: by('-D', '1080'),
    command: ['4', '5']
      .map((version) => `nc -X ${version} -x 127.0.0.1:1080 127.0.1.4 2204 </dev/null | head -c 7; echo`)
      .join('; '),
    outcome: { exitCode: 0, stdout: `${greeting}\n${greeting}\n` },
  },
  {
    promise: 'a command that has ended waits for the connections under way',
    flags: by('-L', `8080:${target}`),
    command: "bash -c 'sleep 1 3<>/dev/tcp/127.0.0.1/8080 </dev/null >/dev/null 2>&1 & sleep 0.2; echo done'",
    outcome: { exitCode: 0, stdout: 'done\n' },
    atLeastMs: 1000,
  },
]

const keywords: readonly Scenario[] = [
  {
    promise: 'LocalForward, RemoteForward and those of the command line add up',
    config: `LocalForward 8080 ${target}\nRemoteForward 8081 ${target}`,
    flags: by('-L', `8082:${target}`),
    command: [8080, 8081, 8082].map(greetedAt).join('; '),
    outcome: { exitCode: 0, stdout: greeted.stdout.repeat(3) },
  },
  {
    promise: 'ClearAllForwardings clears those of the command line, too',
    config: `ClearAllForwardings yes\nLocalForward 8080 ${target}`,
    flags: by('-L', `8082:${target}`),
    command: [8080, 8082].map(greetedAt).join('; '),
    outcome: { exitCode: 0, stdout: nobody.stdout.repeat(2) },
  },
  {
    promise: 'the command line comes first where two want one port',
    config: 'LocalForward 8080 127.0.1.4:1',
    flags: by('-L', `8080:${target}`),
    command: greetedAt(8080),
    outcome: greeted,
  },
]

const streams: readonly Scenario[] = [
  {
    promise: '-W is a stream to there, and ends with it',
    flags: by('-W', target),
    command: '',
    outcome: { exitCode: 0 },
  },
  {
    promise: '-W carries what it is given, and opens no forward of the configuration',
    config: `LocalForward 2204 ${target}\nExitOnForwardFailure yes`,
    flags: by('-W', '127.0.1.1:22'),
    command: '',
    input: 'no SSH\r\n',
    outcome: { exitCode: 0 },
  },
  {
    promise: '-W to a port where nobody listens is 255',
    flags: by('-W', '127.0.1.4:1'),
    command: '',
    outcome: { exitCode: 255, stdout: '' },
  },
]

const differences: readonly Difference[] = [
  {
    promise: 'a forward that cannot be read is misuse, as other flags are',
    flags: by('-L', '8080'),
    ssh: { exitCode: 255, path: [] },
    ours: { exitCode: 2 },
  },
]

describe('the flags of forwards', () => testAgreement(rig, flags))

describe('the keywords of forwards', () => testAgreement(rig, keywords))

describe('streams', () => testAgreement(rig, streams))

describe('where we differ', () => testDifferences(rig, differences))
