// The live oracle, on what we do otherwise than the real ssh, on purpose. Nothing else may differ.

import { describe, expect } from 'vitest'
import { leakCheck } from '../support/leak-check.js'
import { type Difference, liveOracle, refused, testDifferences } from '../support/live-oracle.js'

leakCheck()
const rig = liveOracle()

const reached = { exitCode: 0, stdout: 'reached\n' }
const knownHosts = '.ssh/known_hosts'

const differences: readonly Difference[] = [
  {
    promise: 'a revoked host key is refused whatever is said, where ssh goes on when nothing is checked',
    config: 'StrictHostKeyChecking no\nHostKeyAlgorithms ssh-ed25519',
    files: ({ network }) => ({
      [knownHosts]: `@revoked * ${network.hosts.target.hostKeys[0]?.publicLine}\n`,
    }),
    ssh: reached,
    ours: refused,
  },
  {
    promise: 'no host key is learnt from a server, where ssh adds by UpdateHostKeys what a known one tells',
    files: ({ network }) => ({
      [knownHosts]: `[127.0.1.4]:2204 ${network.hosts.target.hostKeys[0]?.publicLine}\n`,
    }),
    ssh: { ...reached, files: { [knownHosts]: expect.stringContaining('ecdsa-sha2-nistp256') } },
    ours: { files: {} },
  },
  {
    promise: 'standard input is taken away by -n alone, which a warning says, where ssh knows StdinNull, too',
    config: 'StdinNull yes',
    command: 'cat',
    input: 'words\n',
    ssh: { exitCode: 0, stdout: '' },
    ours: { stdout: 'words\n' },
  },
  {
    promise: 'a shell needs a terminal, or RequestTTY no, where ssh feeds one without from standard input',
    command: '',
    input: 'echo fed\n',
    ssh: { exitCode: 0, stdout: 'fed\n' },
    ours: refused,
  },
  {
    promise: 'no unknown host is let in while known_hosts cannot be read, where ssh lets it in unseen',
    config: 'StrictHostKeyChecking accept-new',
    modes: { [knownHosts]: 0 },
    ssh: reached,
    ours: refused,
  },
  {
    promise: 'a KnownHostsCommand is refused, where ssh runs it: it might be what tells of a revoked key',
    config: 'KnownHostsCommand /bin/true',
    ssh: reached,
    ours: refused,
  },
  {
    promise:
      'a host with an authority on record is not met for the first time, where ssh lets in a plain key',
    config: 'StrictHostKeyChecking accept-new\nUserKnownHostsFile ~/.ssh/new ~/.ssh/known_hosts',
    files: ({ strangeKey }) => ({ [knownHosts]: `@cert-authority * ${strangeKey.publicLine}\n` }),
    ssh: reached,
    ours: refused,
  },
  {
    promise: 'no LocalCommand is run here, where ssh runs it',
    config: 'PermitLocalCommand yes\nLocalCommand touch .ssh/local',
    ssh: { ...reached, files: { '.ssh/local': '' } },
    ours: { files: {} },
  },
  {
    promise: 'SessionType subsystem is refused, where ssh asks for a subsystem of that name',
    config: 'SessionType subsystem',
    ssh: { exitCode: 255, stdout: '' },
    ours: refused,
  },
  {
    promise: 'what is wrong on the command line is told by the status 2, where ssh has 255 for all',
    flags: ['-F', '.ssh/config', '-p', '99999'],
    ssh: refused,
    ours: { exitCode: 2 },
  },
]

describe('on purpose', () => testDifferences(rig, differences))
