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
    promise: 'standard input is taken away by -n alone, where ssh knows StdinNull, too',
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
]

describe('on purpose', () => testDifferences(rig, differences))
