// Keywords about reaching a host: names, addresses, gateways, patience.

import type { Keyword } from '../keyword.js'
import { one, oneOrTwo, restOfLine, severalOr } from '../values/arity.js'
import { addressFamily, canonicalizeHostname, compression, flag } from '../values/choice.js'
import { domainsOrNone, permittedCnames } from '../values/domain.js'
import { ipQos } from '../values/ipqos.js'
import { channelTimeout } from '../values/lists.js'
import { integer, port } from '../values/number.js'
import { proxyJump } from '../values/proxy-jump.js'
import { firstLimit, firstTime, secondsOrNone } from '../values/time.js'

export const connectionKeywords = {
  User: { read: one(), group: 'honoured', doc: 'The user to log in as.' },
  HostName: { read: one(), group: 'honoured', doc: 'The real host to connect to.' },
  Port: { read: one(port), group: 'honoured', doc: 'The port to connect to.' },
  AddressFamily: {
    read: one(addressFamily),
    group: 'honoured',
    doc: 'Connect by IPv4 or IPv6 only.',
  },
  BindAddress: { read: one(), group: 'honoured', doc: 'The local address to connect from.' },
  BindInterface: {
    read: one(),
    group: 'honoured',
    doc: 'The interface whose address to connect from.',
  },
  CanonicalDomains: {
    read: domainsOrNone,
    group: 'honoured',
    doc: 'The domains in which a short host name is looked for.',
  },
  CanonicalizeFallbackLocal: {
    read: one(flag),
    group: 'honoured',
    doc: 'Whether a name that is in none of the domains may be resolved as it is.',
  },
  CanonicalizeHostname: {
    read: one(canonicalizeHostname),
    group: 'honoured',
    doc: 'Whether host names are made whole before the configuration is read again.',
  },
  CanonicalizeMaxDots: {
    read: one(integer),
    group: 'honoured',
    doc: 'How many dots a name may have to be made whole.',
  },
  CanonicalizePermittedCNAMEs: {
    read: permittedCnames,
    group: 'honoured',
    doc: 'Which aliases of the DNS may be followed when a name is made whole.',
  },
  Compression: { read: one(compression), group: 'honoured', doc: 'Offer compression.' },
  ConnectionAttempts: {
    read: one(integer),
    group: 'honoured',
    doc: 'How often to try to connect, a second apart.',
  },
  ConnectTimeout: {
    read: one(secondsOrNone),
    join: firstLimit,
    group: 'honoured',
    doc: 'How long connecting and the key exchange may take.',
  },
  IPQoS: {
    read: oneOrTwo(ipQos),
    group: 'no effect',
    doc: 'Node.js cannot set the class of service of a socket.',
  },
  ProxyCommand: {
    read: restOfLine,
    group: 'honoured',
    doc: 'The command that makes the link to the host.',
  },
  ProxyJump: { read: proxyJump, group: 'honoured', doc: 'The hosts to jump through.' },
  ProxyUseFdpass: {
    read: one(flag),
    group: 'refused',
    doc: 'Node.js cannot take over a socket that a ProxyCommand passes: an error.',
  },
  RefuseConnection: {
    read: one(),
    group: 'honoured',
    doc: 'Refuses the connection with its words.',
  },
  ServerAliveCountMax: {
    read: one(integer),
    group: 'honoured',
    doc: 'How many unanswered questions make a connection lost.',
  },
  ServerAliveInterval: {
    aliases: ['protocolkeepalives', 'setuptimeout'],
    read: one(secondsOrNone),
    join: firstTime,
    group: 'honoured',
    doc: 'After how much silence the server is asked for a sign of life.',
  },
  Tag: { read: one(), group: 'honoured', doc: 'A word that `Match tagged` sees.' },
  TCPKeepAlive: {
    aliases: ['keepalive'],
    read: one(flag),
    group: 'honoured',
    doc: 'Whether the system tests silent TCP connections.',
  },
  VersionAddendum: {
    read: ({ rest }) => [rest.replace(/#.*/s, '').trimEnd()],
    group: 'no effect',
    doc: 'The version of this library is sent without an addition.',
  },
  ChannelTimeout: {
    read: severalOr(['none'], channelTimeout),
    group: 'no effect',
    doc: 'Silent channels are not closed here.',
  },
} satisfies Record<string, Keyword>
