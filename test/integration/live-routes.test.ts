// The live oracle, on the way to a host: the same configuration leads the real ssh and us through the same servers.

import { describe } from 'vitest'
import { leakCheck } from '../support/leak-check.js'
import { liveOracle, refused, type Scenario, testAgreement } from '../support/live-oracle.js'

leakCheck()
const rig = liveOracle()

const reached = { exitCode: 0, stdout: 'reached\n' }
const atTarget = 'root at target by publickey'
const atOne = 'root at one by publickey'
const atTwo = 'root at two by publickey'
const atThree = 'root at three by publickey'

const gateways: readonly Scenario[] = [
  {
    promise: 'without a gateway there is none',
    outcome: { ...reached, path: [atTarget], files: {} },
  },
  {
    promise: 'a gateway is passed',
    config: 'Host target\n  ProxyJump one',
    outcome: { ...reached, path: [atOne, 'one to target', atTarget] },
  },
  {
    promise: 'two gateways are passed from left to right',
    config: 'Host target\n  ProxyJump one,two',
    outcome: { ...reached, path: [atOne, 'one to two', atTwo, 'two to target', atTarget] },
  },
  {
    promise: 'three gateways are passed from left to right',
    config: 'Host target\n  ProxyJump one,two,three',
    outcome: {
      ...reached,
      path: [atOne, 'one to two', atTwo, 'two to three', atThree, 'three to target', atTarget],
    },
  },
  {
    promise: 'the gateway of a gateway is passed first',
    config: 'Host target\n  ProxyJump two\nHost two\n  ProxyJump one',
    outcome: { ...reached, path: [atOne, 'one to two', atTwo, 'two to target', atTarget] },
  },
  {
    promise: 'the first of a list has a gateway of its own, and the others have not',
    config:
      'Host target\n  ProxyJump two,three\nHost two\n  ProxyJump one\nHost three\n  ProxyJump none.invalid',
    outcome: {
      ...reached,
      path: [atOne, 'one to two', atTwo, 'two to three', atThree, 'three to target', atTarget],
    },
  },
  {
    promise: 'gateways are named by addresses, users and ports',
    config:
      'Host target\n  ProxyJump root@127.0.1.2:2202,ssh://root@127.0.1.3:2203\nMatch host 127.0.1.2,127.0.1.3\n  IdentityFile ~/.ssh/two.key\n  IdentityFile ~/.ssh/three.key',
    outcome: { ...reached, path: [atTwo, 'two to three', atThree, 'three to target', atTarget] },
  },
  {
    promise: 'the gateway of -J wins',
    config: 'Host target\n  ProxyJump one',
    flags: ['-F', '.ssh/config', '-J', 'two'],
    outcome: { ...reached, path: [atTwo, 'two to target', atTarget] },
  },
  {
    promise: 'the ProxyJump none of -o wins',
    config: 'Host target\n  ProxyJump one',
    flags: ['-F', '.ssh/config', '-o', 'ProxyJump=none'],
    outcome: { ...reached, path: [atTarget] },
  },
  {
    promise: 'what is said of the target is not said of its gateway',
    config: 'Host target\n  ProxyJump one\n  HostKeyAlias alias\n  StrictHostKeyChecking accept-new',
    files: ({ network }) => ({ '.ssh/known_hosts': network.knownHosts(['two']) }),
    outcome: refused,
  },
  {
    promise: 'on a gateway nothing runs, whatever session is said for it',
    config:
      'Host target\n  ProxyJump one,two\nHost one\n  SessionType none\nHost two\n  SessionType subsystem',
    outcome: { ...reached, path: [atOne, 'one to two', atTwo, 'two to target', atTarget] },
  },
  {
    promise: 'a gateway that does not let us in ends the visit',
    config:
      'Host target\n  ProxyJump one\nHost one\n  IdentityFile ~/.ssh/stranger.key\n  IdentitiesOnly yes',
    files: () => ({ '.ssh/one.key': undefined, '.ssh/one.key.pub': undefined }),
    outcome: refused,
  },
  {
    promise: 'a gateway that cannot reach the target ends the visit',
    config: 'Host target\n  ProxyJump one\n  Port 9',
    outcome: { ...refused, path: [atOne, 'one to 127.0.1.4:9'] },
  },
  {
    promise: 'a host is not its own gateway',
    config: 'Host 127.0.1.1\n  ProxyJump 127.0.1.1',
    host: '127.0.1.1',
    outcome: refused,
  },
  {
    promise: 'a gateway that falls under its own rule is none',
    config: 'Host *\n  ProxyJump 127.0.1.1',
    outcome: refused,
  },
]

const commands: readonly Scenario[] = [
  {
    promise: 'a command carries the connection',
    config: 'Host target\n  ProxyCommand nc %h %p',
    outcome: { ...reached, path: [atTarget] },
  },
  {
    promise: 'another ssh carries the connection',
    config: 'Host target\n  ProxyCommand ssh -F .ssh/config -W %h:%p one',
    outcome: { ...reached, path: [atOne, 'one to target', atTarget] },
  },
  {
    promise: 'the tokens of a command are filled in',
    config: "Host target\n  ProxyCommand sh -c 'echo %% %n %h %p %r > .ssh/tokens; exec nc %h %p'",
    outcome: { ...reached, files: { '.ssh/tokens': '% target 127.0.1.4 2204 root\n' } },
  },
  {
    promise: 'the ProxyCommand of -o beats the ProxyJump of the file',
    config: 'Host target\n  ProxyJump one',
    flags: ['-F', '.ssh/config', '-o', 'ProxyCommand=nc %h %p'],
    outcome: { ...reached, path: [atTarget] },
  },
  {
    promise: 'a command that fails ends the visit',
    config: 'Host target\n  ProxyCommand false',
    outcome: refused,
  },
  {
    promise: 'a gateway may need a command',
    config: 'Host target\n  ProxyJump one\nHost one\n  ProxyCommand nc %h %p',
    outcome: { ...reached, path: [atOne, 'one to target', atTarget] },
  },
  {
    promise: 'a gateway before a command wins',
    config: 'Host target\n  ProxyJump one\n  ProxyCommand false',
    outcome: { ...reached, path: [atOne, 'one to target', atTarget] },
  },
  {
    promise: 'a command before a gateway wins',
    config: 'Host target\n  ProxyCommand nc %h %p\n  ProxyJump one',
    outcome: { ...reached, path: [atTarget] },
  },
  {
    promise: 'ProxyJump none keeps out a later gateway',
    config: 'Host target\n  ProxyJump none\nHost *\n  ProxyJump one',
    outcome: { ...reached, path: [atTarget] },
  },
  {
    promise: 'ProxyJump none lets in a later command',
    config: 'Host target\n  ProxyJump none\n  ProxyCommand false',
    outcome: refused,
  },
  {
    promise: 'ProxyCommand none keeps out a later gateway',
    config: 'Host target\n  ProxyCommand none\n  ProxyJump one',
    outcome: { ...reached, path: [atTarget] },
  },
]

describe('gateways', () => testAgreement(rig, gateways))
describe('commands as gateways', () => testAgreement(rig, commands))
