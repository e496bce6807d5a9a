// Keywords about the encryption of a connection.

import type { Keyword } from '../keyword.js'
import { algorithms } from '../values/algorithms.js'
import { one, oneOrTwo } from '../values/arity.js'
import { warnWeakCrypto } from '../values/choice.js'
import { integer } from '../values/number.js'
import { joinRekeyLimit, rekeyLimit } from '../values/rekey-limit.js'

export const encryptionKeywords = {
  Ciphers: {
    read: one(algorithms('cipher')),
    group: 'honoured',
    doc: 'Ciphers, in the order of preference.',
  },
  KexAlgorithms: {
    read: one(algorithms('kex')),
    group: 'honoured',
    doc: 'Key exchange algorithms, in the order of preference.',
  },
  MACs: { read: one(algorithms('mac')), group: 'honoured', doc: 'MACs, in the order of preference.' },
  RekeyLimit: {
    read: oneOrTwo(rekeyLimit),
    join: joinRekeyLimit,
    group: 'no effect',
    doc: 'The engine cannot begin an exchange of new keys: when there is one is left to the server and its own limits.',
  },
  RequiredRSASize: {
    aliases: ['rsaminsize'],
    read: one(integer),
    group: 'honoured',
    doc: 'RSA keys with fewer bits are refused.',
  },
  WarnWeakCrypto: {
    read: one(warnWeakCrypto),
    group: 'no effect',
    doc: 'Weak choices are always shown in the route.',
  },
} satisfies Record<string, Keyword>
