// Keywords about proving who one is: identities, the agent, methods.

import type { Keyword } from '../keyword.js'
import { addKeysToAgent } from '../values/add-keys.js'
import { algorithms, gssKexAlgorithms } from '../values/algorithms.js'
import { one, oneOrTwo } from '../values/arity.js'
import { flag, pubkeyAuthentication } from '../values/choice.js'
import { gatherOnce } from '../values/joins.js'
import { integer } from '../values/number.js'
import { agentSocket } from '../values/variables.js'

const noKerberos = 'Kerberos is not supported here.'

export const authenticationKeywords = {
  AddKeysToAgent: {
    read: oneOrTwo(addKeysToAgent),
    group: 'no effect',
    doc: 'Keys are not added to the agent.',
  },
  BatchMode: {
    read: one(flag),
    group: 'honoured',
    doc: 'Nobody is asked for anything; what a program gives as an option is used.',
  },
  CertificateFile: {
    read: one(),
    join: gatherOnce,
    group: 'refused',
    doc: 'Certificates of users cannot be offered here; a warning says so, and the keys are offered without.',
  },
  GSSAPIAuthentication: { read: one(flag), group: 'no effect', doc: noKerberos },
  GSSAPIClientIdentity: { read: one(), group: 'no effect', doc: noKerberos },
  GSSAPIDelegateCredentials: { read: one(flag), group: 'no effect', doc: noKerberos },
  GSSAPIKexAlgorithms: { read: one(gssKexAlgorithms), group: 'no effect', doc: noKerberos },
  GSSAPIKeyExchange: { read: one(flag), group: 'no effect', doc: noKerberos },
  GSSAPIRenewalForcesRekey: { read: one(flag), group: 'no effect', doc: noKerberos },
  GSSAPIServerIdentity: { read: one(), group: 'no effect', doc: noKerberos },
  GSSAPITrustDns: { read: one(flag), group: 'no effect', doc: noKerberos },
  HostbasedAcceptedAlgorithms: {
    aliases: ['hostbasedkeytypes'],
    read: one(algorithms('key')),
    group: 'no effect',
    doc: 'Authentication by the host is not supported here.',
  },
  HostbasedAuthentication: {
    read: one(flag),
    group: 'no effect',
    doc: 'Authentication by the host is not supported here.',
  },
  IdentitiesOnly: {
    read: one(flag),
    group: 'honoured',
    doc: 'Offer the given key files only, and of the agent what belongs to them.',
  },
  IdentityAgent: { read: one(agentSocket), group: 'honoured', doc: 'The socket of the agent.' },
  IdentityFile: {
    aliases: ['identityfile2'],
    read: one(),
    join: gatherOnce,
    group: 'honoured',
    doc: 'Key files to offer.',
  },
  KbdInteractiveAuthentication: {
    aliases: ['challengeresponseauthentication', 'skeyauthentication', 'tisauthentication'],
    read: one(flag),
    group: 'honoured',
    doc: 'Whether questions of the server are answered.',
  },
  KbdInteractiveDevices: {
    read: one(),
    group: 'no effect',
    doc: 'The server chooses how it asks.',
  },
  NumberOfPasswordPrompts: {
    read: one(integer),
    group: 'honoured',
    doc: 'How often a person may mistype.',
  },
  PasswordAuthentication: {
    read: one(flag),
    group: 'honoured',
    doc: 'Whether a password may be used.',
  },
  PKCS11Provider: {
    aliases: ['smartcarddevice'],
    read: one(),
    group: 'no effect',
    doc: 'Keys on smart cards are used through the agent only.',
  },
  PreferredAuthentications: {
    read: one(),
    group: 'honoured',
    doc: 'The methods to use, in this order.',
  },
  PubkeyAcceptedAlgorithms: {
    aliases: ['pubkeyacceptedkeytypes'],
    read: one(algorithms('key')),
    group: 'honoured',
    doc: 'The algorithms with which keys may sign.',
  },
  PubkeyAuthentication: {
    aliases: ['dsaauthentication'],
    read: one(pubkeyAuthentication),
    group: 'honoured',
    doc: 'Whether keys may be used; there is no authentication bound to the host key.',
  },
  SecurityKeyProvider: {
    read: one(),
    group: 'no effect',
    doc: 'Security keys (FIDO) are not supported.',
  },
} satisfies Record<string, Keyword>
