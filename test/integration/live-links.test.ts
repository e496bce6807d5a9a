// The live oracle, on links and handshakes: addresses, limits of time, and what two sides can agree on.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe } from 'vitest'
import { leakCheck } from '../support/leak-check.js'
import { type LiveOracle, liveOracle, refused, type Scenario, testAgreement } from '../support/live-oracle.js'
import { RigLog } from '../support/rig-log.js'

leakCheck()
const rig = liveOracle()

const reached = { exitCode: 0, stdout: 'reached\n' }
// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the shell.
const fromWhere = 'echo "${SSH_CLIENT%% *}"'

/** They listen, and never say a word. */
const silent: ChildProcess[] = []
beforeAll(async () => {
  for (const namespace of rig().namespaces) {
    const log = new RigLog('a silent server')
    const words = ['netns', 'exec', namespace, 'nc', '-lkdnv', '127.0.1.9', '2209']
    const child = spawn('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] })
    silent.push(child)
    log.follow(child.stderr)
    await log.waitFor(/^Listening on/)
  }
})
afterAll(async () => {
  for (const child of silent) {
    child.kill()
    await once(child, 'close')
  }
})

const links: readonly Scenario[] = [
  {
    promise: 'a server that says nothing is given up after the ConnectTimeout',
    config: 'Host silent\n  HostName 127.0.1.9\n  Port 2209\n  ConnectTimeout 1',
    host: 'silent',
    outcome: refused,
    atLeastMs: 1000,
  },
  {
    promise: 'a closed port is tried as often as ConnectionAttempts says',
    config: 'Port 9\nConnectionAttempts 2',
    outcome: refused,
    atLeastMs: 1000,
  },
  {
    promise: 'a host is reached by IPv6',
    config: 'AddressFamily inet6\nHost target\n  HostName ::1\n  HostKeyAlias [127.0.1.4]:2204',
    command: fromWhere,
    outcome: { exitCode: 0, stdout: '::1\n' },
  },
  {
    promise: 'an address of IPv6 is in known_hosts with its port',
    config:
      'Host target\n  HostName ::1\n  StrictHostKeyChecking accept-new\n  UserKnownHostsFile ~/.ssh/new',
    outcome: reached,
    leaves: ({ network }) => ({
      '.ssh/new': `[::1]:2204 ${network.hosts.target.hostKeys[0]?.publicLine}\n`,
    }),
  },
  {
    promise: 'AddressFamily inet has no way to an address of IPv6',
    config: 'AddressFamily inet\nHost target\n  HostName ::1\n  HostKeyAlias [127.0.1.4]:2204',
    outcome: refused,
  },
  {
    promise: 'BindAddress is where the link comes from',
    config: 'BindAddress 127.9.9.9',
    command: fromWhere,
    outcome: { exitCode: 0, stdout: '127.9.9.9\n' },
  },
  {
    promise: 'BindInterface gives the address of an interface',
    config: 'BindInterface lo',
    command: fromWhere,
    outcome: { exitCode: 0, stdout: '127.0.0.1\n' },
  },
  {
    promise: 'a BindAddress of another machine has no way out',
    config: 'BindAddress 192.0.2.1',
    outcome: refused,
  },
  {
    promise: 'NoHostAuthenticationForLocalhost asks for no key of this machine, and records none',
    config: 'NoHostAuthenticationForLocalhost yes',
    files: () => ({ '.ssh/known_hosts': undefined }),
    outcome: { ...reached, files: {} },
  },
]

const named = 'Match originalhost target\n  HostName'

const names: readonly Scenario[] = [
  {
    promise: 'a host is recorded by its name, in small letters, and not by its address',
    config: `StrictHostKeyChecking accept-new\nUserKnownHostsFile ~/.ssh/new\n${named} Target.LIVE.test`,
    outcome: reached,
    leaves: ({ network }) => ({
      '.ssh/new': `[target.live.test]:2204 ${network.hosts.target.hostKeys[0]?.publicLine}\n`,
    }),
  },
  {
    promise: 'the second address of a name is tried after the first',
    config: `HostKeyAlias [127.0.1.4]:2204\n${named} twofold.live.test`,
    outcome: reached,
  },
  {
    promise: 'a name that nobody knows ends the visit',
    config: `${named} nobody.live.test`,
    outcome: refused,
  },
  {
    promise: 'a name behind a gateway is for the gateway to look up',
    config: `${named} target.live.test\n  ProxyJump one`,
    outcome: { ...refused, path: ['root at one by publickey', 'one to target.live.test:2204'] },
  },
  {
    promise: 'a name is completed by CanonicalDomains, and then matched anew',
    config:
      'CanonicalizeHostname yes\nCanonicalDomains no.test live.test\nHost database.live.test\n  Port 2204\n  IdentityFile ~/.ssh/target.key\nMatch canonical all\n  HostKeyAlias [127.0.1.4]:2204',
    host: 'DataBase',
    outcome: reached,
  },
  {
    promise: 'a name that cannot be completed is refused where CanonicalizeFallbackLocal is no',
    config: 'CanonicalizeHostname yes\nCanonicalDomains no.test\nCanonicalizeFallbackLocal no',
    host: 'unknown',
    outcome: refused,
  },
]

/** A scenario that shows by its record which host key was agreed on. */
function agreesOn(index: number, { config = '', ...scenario }: Scenario): Scenario {
  return {
    ...scenario,
    config: `StrictHostKeyChecking accept-new\nUserKnownHostsFile ~/.ssh/new\n${config}`,
    leaves: ({ network }: LiveOracle) => ({
      '.ssh/new': `[127.0.1.4]:2204 ${network.hosts.target.hostKeys[index]?.publicLine}\n`,
    }),
  }
}

const agreements: readonly Scenario[] = [
  agreesOn(1, {
    promise: 'a list of HostKeyAlgorithms is obeyed',
    config: 'HostKeyAlgorithms ecdsa-sha2-nistp256,ssh-ed25519',
  }),
  agreesOn(1, {
    promise: 'a list of HostKeyAlgorithms takes patterns out of the usual list',
    config: 'HostKeyAlgorithms -ssh-ed25519*,*-cert-*',
  }),
  agreesOn(2, {
    promise: 'a list of HostKeyAlgorithms is put before the usual list',
    config: 'HostKeyAlgorithms ^rsa-sha2-512',
  }),
  agreesOn(0, {
    promise: 'a list of HostKeyAlgorithms is put behind the usual list',
    config: 'HostKeyAlgorithms +ssh-rsa',
  }),
  {
    promise: 'lists of algorithms that both have are agreed on',
    config:
      'Ciphers aes256-ctr,aes128-ctr\nMACs hmac-sha2-512,hmac-sha2-256\nKexAlgorithms ecdh-sha2-nistp256,diffie-hellman-group14-sha256',
  },
  {
    promise: 'lists that add to the usual ones, or take from them, are agreed on',
    config: 'Ciphers ^aes256-gcm@openssh.com\nMACs -*sha1*,umac*\nKexAlgorithms +diffie-hellman-group14-sha1',
  },
  {
    promise: 'a cipher that the server does not have ends the visit',
    config: 'Ciphers aes128-cbc',
    outcome: refused,
  },
  {
    promise: 'a key exchange that the server does not have ends the visit',
    config: 'KexAlgorithms diffie-hellman-group1-sha1',
    outcome: refused,
  },
  {
    promise: 'a cipher that does not exist is refused',
    config: 'Ciphers aes128-ctr,nonsense',
    outcome: refused,
    place: '.ssh/config:1',
  },
]

describe('a link', () => testAgreement(rig, links))
describe('a name', () => testAgreement(rig, names))
describe('an agreement', () => testAgreement(rig, agreements))
