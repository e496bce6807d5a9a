// The live oracle, on logins: which keys are offered, from where, and what happens when none is taken.

import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { type LiveOracle, liveOracle, refused, type Scenario, testAgreement } from '../support/live-oracle.js'
import { scratchDir } from '../support/run-dir.js'
import { type SshAgent, startSshAgent } from '../support/ssh-agent.js'

leakCheck()
const rig = liveOracle()

const reached = { exitCode: 0, stdout: 'reached\n' }

let agent: SshAgent
let [certificate, encrypted] = ['', '']
const strangerFiles: Record<string, string> = {}
beforeAll(async () => {
  const { account, network } = rig()
  const { userKey } = network.hosts.target
  agent = await startSshAgent([userKey], { account })
  encrypted = readFileSync((await keyPair('live-encrypted', { passphrase: 'of a test' })).file, 'utf8')
  for (let index = 0; index < 6; index++) {
    const { file } = await keyPair(`live-stranger-${index}`)
    strangerFiles[`.ssh/stranger-${index}`] = readFileSync(file, 'utf8')
  }
  // By an authority of which no host has heard.
  const key = join(scratchDir('certificate'), 'key')
  copyFileSync(`${userKey.file}.pub`, `${key}.pub`)
  const authority = (await keyPair('live-authority')).file
  execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'test', '-n', 'root', `${key}.pub`])
  certificate = readFileSync(`${key}-cert.pub`, 'utf8')
})
afterAll(() => agent?.[Symbol.asyncDispose]())

const keyless = { '.ssh/target.key': undefined, '.ssh/target.key.pub': undefined }
const strange = ({ strangeKey }: LiveOracle) => readFileSync(strangeKey.file, 'utf8')
const right = ({ network }: LiveOracle) => readFileSync(network.hosts.target.userKeyFile, 'utf8')
const byAddress = ['-F', '.ssh/config', '-p', '2204']

const keyFiles: readonly Scenario[] = [
  {
    promise: 'a key that the host does not know does not open it',
    files: (given) => ({ ...keyless, '.ssh/target.key': strange(given) }),
    outcome: refused,
  },
  {
    promise: 'key files gather, those that are missing are passed over, and each is tried',
    config: 'IdentityFile ~/.ssh/missing\nIdentityFile ~/.ssh/stranger.key',
    outcome: reached,
  },
  {
    promise: 'without a word about keys the usual files are tried',
    flags: byAddress,
    host: '127.0.1.4',
    files: (given) => ({ '.ssh/id_ed25519': right(given) }),
    outcome: reached,
  },
  {
    promise: 'with a word about keys the usual files are not tried',
    config: 'IdentityFile ~/.ssh/stranger.key',
    flags: byAddress,
    host: '127.0.1.4',
    files: (given) => ({ '.ssh/id_ed25519': right(given) }),
    outcome: refused,
  },
  {
    promise: 'the key file of -i is tried besides those of the file',
    config: 'Host 127.0.1.4\n  IdentityFile ~/.ssh/stranger.key',
    flags: [...byAddress, '-i', '.ssh/target.key'],
    host: '127.0.1.4',
    outcome: reached,
  },
  {
    promise: 'tokens and variables lead to a key file',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of ssh_config.
    config: 'Host target\n  IdentityFile %d/.ssh/%n/%h/${LIVE_DIRECTORY}/%r.%p',
    files: (given) => ({ ...keyless, '.ssh/target/127.0.1.4/of/here/root.2204': right(given) }),
    env: () => ({ LIVE_DIRECTORY: 'of/here' }),
    outcome: reached,
  },
  {
    promise: 'an encrypted key is passed over when nobody may be asked',
    config: 'IdentityFile ~/.ssh/encrypted',
    files: () => ({ '.ssh/encrypted': encrypted }),
    outcome: reached,
  },
  {
    promise: 'an encrypted key alone opens nothing when nobody may be asked',
    files: () => ({ ...keyless, '.ssh/target.key': encrypted }),
    outcome: refused,
  },
  {
    promise: 'a key that others can read is not used',
    modes: { '.ssh/target.key': 0o644 },
    outcome: refused,
  },
  {
    promise: 'a certificate that the host does not trust does no harm',
    config: 'CertificateFile ~/.ssh/certificate',
    files: () => ({ '.ssh/certificate': certificate }),
    outcome: reached,
  },
]

const strangers = (count: number) =>
  Array.from({ length: count }, (_, index) => `IdentityFile ~/.ssh/stranger-${index}\n`).join('')

const tries: readonly Scenario[] = [
  {
    promise: 'the sixth key still opens a host that takes six tries',
    config: strangers(5),
    files: () => strangerFiles,
    outcome: reached,
  },
  {
    promise: 'the seventh key comes too late',
    config: strangers(6),
    files: () => strangerFiles,
    outcome: refused,
  },
]

const agents: readonly Scenario[] = [
  {
    promise: 'the agent of the environment is asked',
    files: () => keyless,
    env: () => ({ SSH_AUTH_SOCK: agent.socket }),
    outcome: reached,
  },
  {
    promise: 'IdentityAgent names an agent by a variable',
    config: 'IdentityAgent $LIVE_AGENT',
    files: () => keyless,
    env: () => ({ LIVE_AGENT: agent.socket }),
    outcome: reached,
  },
  {
    promise: 'IdentityAgent names an agent by a path with a variable in it',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of ssh_config.
    config: 'IdentityAgent ${LIVE_AGENT}',
    files: () => keyless,
    env: () => ({ LIVE_AGENT: agent.socket, SSH_AUTH_SOCK: '/nowhere' }),
    outcome: reached,
  },
  {
    promise: 'IdentityAgent none leaves the agent out',
    config: 'IdentityAgent none',
    files: () => keyless,
    env: () => ({ SSH_AUTH_SOCK: agent.socket }),
    outcome: refused,
  },
  {
    promise: 'IdentitiesOnly leaves out the keys of the agent that no file names',
    config: 'IdentitiesOnly yes\nIdentityFile ~/.ssh/stranger.key',
    files: () => keyless,
    env: () => ({ SSH_AUTH_SOCK: agent.socket }),
    outcome: refused,
  },
  {
    promise: 'IdentitiesOnly takes a key of the agent whose public half is in a file',
    config: 'IdentitiesOnly yes',
    files: () => ({ '.ssh/target.key': undefined }),
    env: () => ({ SSH_AUTH_SOCK: agent.socket }),
    outcome: reached,
  },
  {
    promise: 'an agent is forwarded to the target alone',
    config: 'Host target\n  ProxyJump one\n  ForwardAgent yes',
    env: () => ({ SSH_AUTH_SOCK: agent.socket }),
    command: 'ssh-add -l | wc -l',
    outcome: { exitCode: 0, stdout: '1\n' },
  },
]

const methods: readonly Scenario[] = [
  {
    promise: 'PubkeyAuthentication no leaves no way in',
    config: 'PubkeyAuthentication no',
    outcome: refused,
  },
  {
    promise: 'PreferredAuthentications without keys leaves no way in',
    config: 'PreferredAuthentications password,keyboard-interactive',
    outcome: refused,
  },
  {
    promise: 'methods that the server does not have are passed over',
    config: 'PreferredAuthentications password,publickey',
    outcome: reached,
  },
  {
    promise: 'a key whose algorithm is not wanted is not offered',
    config: 'PubkeyAcceptedAlgorithms -ssh-ed25519',
    outcome: refused,
  },
  {
    promise: 'the user of the host beats that of the file',
    config: 'User nobody',
    host: 'root@target',
    outcome: { ...reached, path: ['root at target by publickey'] },
  },
  {
    promise: 'the user of -l beats that of the host, and the port of -p that of the file',
    config: 'Port 9',
    flags: ['-F', '.ssh/config', '-l', 'root', '-p', '2204'],
    host: 'nobody@target',
    outcome: { ...reached, path: ['root at target by publickey'] },
  },
]

describe('a key in a file', () => testAgreement(rig, keyFiles))
describe('one key after the other', () => testAgreement(rig, tries))
describe('a key in an agent', () => testAgreement(rig, agents))
describe('a method', () => testAgreement(rig, methods))
