// The live oracle, on host keys: what is accepted, what is refused, and what known_hosts holds afterwards.

import { createHmac, randomBytes } from 'node:crypto'
import { describe } from 'vitest'
import { leakCheck } from '../support/leak-check.js'
import { type LiveOracle, liveOracle, refused, type Scenario, testAgreement } from '../support/live-oracle.js'

leakCheck()
const rig = liveOracle()

const [reached, knownHosts] = [{ exitCode: 0, stdout: 'reached\n' }, '.ssh/known_hosts'] as const
const empty = () => ({ [knownHosts]: undefined })

/** The lines of the target's host keys, with another name for it. */
function named(name: string, { network }: LiveOracle): string {
  return network.hosts.target.hostKeys.map(({ publicLine }) => `${name} ${publicLine}\n`).join('')
}

/** The record that an ssh makes of it which has none. */
function preferred(name: string, { network }: LiveOracle): string {
  return keyLine(name, { network, index: 0 })
}

/** A record of one of the target's keys: ed25519, ecdsa, rsa. */
function keyLine(
  name: string,
  { network, index }: Pick<LiveOracle, 'network'> & { readonly index: number },
): string {
  return `${name} ${network.hosts.target.hostKeys[index]?.publicLine}\n`
}

/** A record whose name is hidden. */
function hashed(name: string): string {
  const salt = randomBytes(20)
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

/** A record of the target with a key that it has not. */
function changed({ strangeKey }: LiveOracle): string {
  return `[127.0.1.4]:2204 ${strangeKey.publicLine}\n`
}

// Both would ask, but by BatchMode nobody may be asked.
const unknown: readonly Scenario[] = [
  {
    promise: 'an unknown host is refused when nothing is said of it',
    files: empty,
    outcome: refused,
  },
  {
    promise: 'StrictHostKeyChecking yes refuses an unknown host',
    config: 'StrictHostKeyChecking yes',
    files: empty,
    outcome: refused,
  },
  {
    promise: 'StrictHostKeyChecking accept-new records an unknown host, with its port',
    config: 'StrictHostKeyChecking accept-new\nUserKnownHostsFile ~/.ssh/known_hosts',
    files: empty,
    outcome: reached,
    leaves: (given) => ({ [knownHosts]: preferred('[127.0.1.4]:2204', given) }),
  },
  {
    promise: 'StrictHostKeyChecking no records an unknown host',
    config: 'StrictHostKeyChecking no\nUserKnownHostsFile ~/.ssh/known_hosts',
    files: empty,
    outcome: reached,
    leaves: (given) => ({ [knownHosts]: preferred('[127.0.1.4]:2204', given) }),
  },
  {
    promise: 'each unknown host of a route is recorded, in the order in which it is met',
    config:
      'StrictHostKeyChecking accept-new\nUserKnownHostsFile ~/.ssh/known_hosts\nHost target\n  ProxyJump one,two',
    files: empty,
    outcome: reached,
    leaves: (given) => ({
      [knownHosts]: given.network.knownHosts(['one', 'two']) + preferred('[127.0.1.4]:2204', given),
    }),
  },
  {
    promise: 'HashKnownHosts hides the name of a new record',
    config:
      'HashKnownHosts yes\nStrictHostKeyChecking accept-new\nUserKnownHostsFile ~/.ssh/known_hosts\nHost target\n  ProxyJump one',
    files: ({ network }) => ({ [knownHosts]: network.knownHosts(['one']) }),
    outcome: reached,
  },
  {
    promise: 'a record goes under the HostKeyAlias',
    config: 'HostKeyAlias "Alias"\nStrictHostKeyChecking accept-new\nUserKnownHostsFile ~/.ssh/known_hosts',
    files: empty,
    outcome: reached,
    leaves: (given) => ({ [knownHosts]: preferred('alias', given) }),
  },
  {
    promise: 'a record goes into the first of two files, at its end',
    config: 'StrictHostKeyChecking accept-new\nUserKnownHostsFile ~/.ssh/known_hosts ~/.ssh/second',
    files: ({ network }) => ({
      [knownHosts]: '# a line of somebody else\n',
      '.ssh/second': network.knownHosts(['one']),
    }),
    outcome: reached,
    leaves: (given) => ({
      [knownHosts]: `# a line of somebody else\n${preferred('[127.0.1.4]:2204', given)}`,
    }),
  },
  {
    promise: 'without a file for it an unknown host is refused, whatever is said',
    config: 'StrictHostKeyChecking no\nUserKnownHostsFile none',
    outcome: refused,
  },
  {
    promise: 'tokens name the file for a record',
    config: 'StrictHostKeyChecking accept-new\nUserKnownHostsFile ~/.ssh/%n-%h-%p-%r-%k',
    outcome: reached,
    leaves: (given) => ({
      '.ssh/target-127.0.1.4-2204-root-target': preferred('[127.0.1.4]:2204', given),
    }),
  },
  {
    promise: 'an authority for the host does not make a key without a certificate known',
    files: ({ strangeKey }) => ({ [knownHosts]: `@cert-authority * ${strangeKey.publicLine}\n` }),
    outcome: refused,
  },
  {
    promise: 'a host at port 22 is recorded without it',
    config: 'StrictHostKeyChecking accept-new\nUserKnownHostsFile ~/.ssh/known_hosts',
    host: 'one',
    files: empty,
    outcome: reached,
    leaves: ({ network }) => ({ [knownHosts]: network.knownHosts(['one']) }),
  },
  {
    promise: 'where nothing can be recorded, a new host is reached all the same',
    config: 'StrictHostKeyChecking accept-new\nUserKnownHostsFile ~/.ssh/no/such/place',
    outcome: { ...reached, files: {} },
  },
]

const known: readonly Scenario[] = [
  {
    promise: 'the second of two files is searched, too',
    config: 'UserKnownHostsFile ~/.ssh/first ~/.ssh/known_hosts',
    outcome: { ...reached, files: {} },
  },
  {
    promise: 'a file for the whole system is searched, too',
    config: 'GlobalKnownHostsFile ~/.ssh/global\nUserKnownHostsFile /dev/null',
    files: ({ network }) => ({ '.ssh/global': network.knownHosts() }),
    outcome: { ...reached, files: {} },
  },
  {
    promise: 'a host is known by its HostKeyAlias, without its port',
    config: 'HostKeyAlias alias',
    files: (given) => ({ [knownHosts]: named('alias', given) }),
    outcome: { ...reached, files: {} },
  },
  {
    promise: 'a HostKeyAlias hides the name of the host',
    config: 'HostKeyAlias alias',
    outcome: refused,
  },
  {
    promise: 'a pattern knows a host',
    files: (given) => ({ [knownHosts]: named('[127.0.?.*]:2204', given) }),
    outcome: reached,
  },
  {
    promise: 'a negated pattern does not know a host',
    files: (given) => ({ [knownHosts]: named('[127.0.?.*]:2204,![127.0.1.4]:*', given) }),
    outcome: refused,
  },
  {
    promise: 'a record without a port knows the host at any port',
    files: (given) => ({ [knownHosts]: named('127.0.1.4', given) }),
    outcome: { ...reached, files: {} },
  },
  {
    promise: 'the type of the key on record is asked for',
    config: 'UpdateHostKeys no',
    files: ({ network }) => ({
      [knownHosts]: keyLine('[127.0.1.4]:2204', { network, index: 1 }),
    }),
    outcome: { ...reached, files: {} },
  },
  {
    promise: 'the type of the key on record is asked for by a list that only changes the usual one, too',
    config: 'UpdateHostKeys no\nHostKeyAlgorithms -*-cert-*',
    files: ({ network }) => ({ [knownHosts]: keyLine('[127.0.1.4]:2204', { network, index: 2 }) }),
    outcome: { ...reached, files: {} },
  },
  {
    promise: 'records may be indented, commented, and end as on Windows',
    files: ({ network }) => ({
      [knownHosts]: network.knownHosts().replace(/^/gm, ' \t').replaceAll('\n', ' words\r\n'),
    }),
    outcome: { ...reached, files: {} },
  },
  {
    promise: 'a hashed record knows a host, with its port',
    files: (given) => ({ [knownHosts]: named(hashed('[127.0.1.4]:2204'), given) }),
    outcome: { ...reached, files: {} },
  },
  {
    promise: 'one right record is enough, whatever others say',
    config: 'UserKnownHostsFile ~/.ssh/known_hosts ~/.ssh/second',
    files: (given) => ({
      [knownHosts]: changed(given),
      '.ssh/second': named('[127.0.1.4]:2204', given),
    }),
    outcome: { ...reached, files: {} },
  },
]

const bad: readonly Scenario[] = [
  {
    promise: 'accept-new refuses another key than that on record',
    config: 'StrictHostKeyChecking accept-new',
    files: (given) => ({ [knownHosts]: changed(given) }),
    outcome: refused,
  },
  {
    promise: 'accept-new refuses a key of another type than that on record, if no other is wanted',
    config: 'StrictHostKeyChecking accept-new\nHostKeyAlgorithms ssh-ed25519',
    files: ({ network }) => ({ [knownHosts]: keyLine('[127.0.1.4]:2204', { network, index: 2 }) }),
    outcome: refused,
  },
  {
    promise: 'a list of HostKeyAlgorithms keeps its order, though a key of a later type is on record',
    config: 'HostKeyAlgorithms ssh-ed25519,rsa-sha2-512',
    files: ({ network }) => ({ [knownHosts]: keyLine('[127.0.1.4]:2204', { network, index: 2 }) }),
    outcome: refused,
  },
  {
    promise: 'what HostKeyAlgorithms puts first comes first, though a key of a later type is on record',
    config: 'HostKeyAlgorithms ^ssh-ed25519',
    files: ({ network }) => ({ [knownHosts]: keyLine('[127.0.1.4]:2204', { network, index: 2 }) }),
    outcome: refused,
  },
  {
    promise: 'StrictHostKeyChecking no goes on with another key, and records nothing',
    config: 'StrictHostKeyChecking no\nUserKnownHostsFile ~/.ssh/known_hosts',
    files: (given) => ({ [knownHosts]: changed(given) }),
    outcome: { ...reached, files: {} },
  },
  {
    promise: 'a revoked key is refused, though it is on record',
    config: 'HostKeyAlgorithms ssh-ed25519',
    files: (given) => ({
      [knownHosts]: `${given.network.knownHosts()}@revoked ${preferred('*', given)}`,
    }),
    outcome: refused,
  },
  {
    promise: 'a key in RevokedHostKeys is refused, though it is on record',
    config: 'RevokedHostKeys ~/.ssh/revoked\nHostKeyAlgorithms ssh-ed25519',
    files: ({ network }) => ({ '.ssh/revoked': `${network.hosts.target.hostKeys[0]?.publicLine}\n` }),
    outcome: refused,
  },
  {
    promise: 'a key of the host shorter than RequiredRSASize is refused',
    config: 'RequiredRSASize 3072\nHostKeyAlgorithms rsa-sha2-512',
    outcome: refused,
  },
  {
    promise: 'a file of revoked keys that is not there lets no key in',
    config: 'RevokedHostKeys ~/.ssh/no-such-file',
    outcome: refused,
  },
  {
    promise: 'a broken line hides no other',
    files: ({ network }) => ({
      [knownHosts]: `[127.0.1.4]:2204 ssh-ed25519 AAAA\n\n${network.knownHosts()}`,
    }),
    outcome: { ...reached, files: {} },
  },
  {
    promise: 'a gateway with another key than that on record ends the visit, whatever is said of the target',
    config: 'Host target\n  ProxyJump one\n  StrictHostKeyChecking no',
    files: ({ network, strangeKey }) => ({
      [knownHosts]: `127.0.1.1 ${strangeKey.publicLine}\n${network.knownHosts(['target'])}`,
    }),
    outcome: refused,
  },
]

describe('an unknown host', () => testAgreement(rig, unknown))
describe('a known host', () => testAgreement(rig, known))
describe('a bad host key', () => testAgreement(rig, bad))
