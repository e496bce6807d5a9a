// Keywords about the keys of hosts: where they are looked up, what is done about unknown ones, and which algorithms.

import type { Keyword } from '../keyword.js'
import { algorithms } from '../values/algorithms.js'
import { one, restOfLine } from '../values/arity.js'
import { flag, strictHostKeyChecking, yesNoAsk } from '../values/choice.js'
import { knownHostsFiles } from '../values/lists.js'
import { digest } from '../values/log.js'

export const hostKeyKeywords = {
  CASignatureAlgorithms: {
    read: one(algorithms('ca-signature')),
    group: 'no effect',
    doc: 'No certificate of a host is accepted, whoever has signed it.',
  },
  CheckHostIP: {
    read: one(flag),
    group: 'refused',
    doc: 'Host keys are looked up by name only; with `yes`, a warning says that addresses are not.',
  },
  FingerprintHash: {
    read: one(digest),
    group: 'no effect',
    doc: 'Fingerprints are always shown as SHA256.',
  },
  GlobalKnownHostsFile: {
    read: knownHostsFiles,
    group: 'honoured',
    doc: 'Files of known hosts of the whole system.',
  },
  HashKnownHosts: { read: one(flag), group: 'honoured', doc: 'Record new hosts as hashes.' },
  HostKeyAlgorithms: {
    read: one(algorithms('key')),
    group: 'honoured',
    doc: 'The algorithms of host keys, in the order of preference.',
  },
  HostKeyAlias: {
    read: one(),
    group: 'honoured',
    doc: 'The name to look up in known_hosts, in place of host and port.',
  },
  KnownHostsCommand: {
    read: restOfLine,
    group: 'refused',
    doc: 'Host keys are not asked of a command, which may know of revoked ones: an error.',
  },
  NoHostAuthenticationForLocalhost: {
    read: one(flag),
    group: 'honoured',
    doc: 'Any host key but a revoked one is accepted from an address of the loopback network.',
  },
  RevokedHostKeys: {
    read: one(),
    group: 'honoured',
    doc: 'A file of revoked keys. A binary revocation list (KRL) is refused.',
  },
  StrictHostKeyChecking: {
    read: one(strictHostKeyChecking),
    group: 'honoured',
    doc: 'What to do about host keys that are not known.',
  },
  UpdateHostKeys: {
    read: one(yesNoAsk),
    group: 'no effect',
    doc: 'Further host keys that a server announces are not recorded.',
  },
  UserKnownHostsFile: {
    read: knownHostsFiles,
    group: 'honoured',
    doc: 'Files of known hosts; new keys are recorded in the first.',
  },
  VerifyHostKeyDNS: {
    read: one(yesNoAsk),
    group: 'refused',
    doc: 'Host keys are not looked up in the DNS; a warning says so.',
  },
  VisualHostKey: { read: one(flag), group: 'no effect', doc: 'No pictures of host keys are drawn.' },
} satisfies Record<string, Keyword>
