// Keywords about what is forwarded through a connection: ports, sockets, the agent, X11, networks.

import type { Keyword } from '../keyword.js'
import { one, severalOr } from '../values/arity.js'
import { flag, tunnel } from '../values/choice.js'
import { permittedOpen } from '../values/domain.js'
import { dynamicForward, localForward, remoteForward } from '../values/forward.js'
import { forwardAgent, joinForwardAgent } from '../values/forward-agent.js'
import { gatherOnce, lastWins } from '../values/joins.js'
import { octalMask } from '../values/number.js'
import { tunnelDevice } from '../values/terminal.js'
import { firstTime, secondsOrNone } from '../values/time.js'

export const forwardingKeywords = {
  ClearAllForwardings: {
    read: one(flag),
    group: 'no effect',
    doc: 'Forwards are opened by programs; those of the configuration never count.',
  },
  DynamicForward: {
    read: dynamicForward,
    join: gatherOnce,
    group: 'no effect',
    doc: 'Forwards are opened by programs.',
  },
  ExitOnForwardFailure: {
    read: one(flag),
    group: 'no effect',
    doc: 'Forwards are opened by programs, which learn of those that fail.',
  },
  ForwardAgent: {
    read: one(forwardAgent),
    join: joinForwardAgent,
    group: 'honoured',
    doc: 'Let the remote side use the agent.',
  },
  ForwardX11: { read: one(flag), group: 'no effect', doc: 'X11 is not forwarded.' },
  ForwardX11Timeout: {
    read: one(secondsOrNone),
    join: firstTime,
    group: 'no effect',
    doc: 'X11 is not forwarded.',
  },
  ForwardX11Trusted: { read: one(flag), group: 'no effect', doc: 'X11 is not forwarded.' },
  GatewayPorts: {
    read: one(flag),
    group: 'no effect',
    doc: 'Programs name the address on which they listen.',
  },
  LocalForward: {
    read: localForward,
    join: gatherOnce,
    group: 'no effect',
    doc: 'Forwards are opened by programs.',
  },
  PermitRemoteOpen: {
    read: severalOr(['any', 'none'], permittedOpen),
    group: 'no effect',
    doc: 'The remote side gets no SOCKS proxy here.',
  },
  RemoteForward: {
    read: remoteForward,
    join: gatherOnce,
    group: 'no effect',
    doc: 'Forwards are opened by programs.',
  },
  StreamLocalBindMask: {
    read: one(octalMask),
    join: lastWins,
    everywhere: true,
    group: 'no effect',
    doc: 'Programs make the sockets on which they listen.',
  },
  StreamLocalBindUnlink: {
    read: one(flag),
    group: 'no effect',
    doc: 'Programs make the sockets on which they listen.',
  },
  Tunnel: { read: one(tunnel), group: 'no effect', doc: 'Networks are not tunnelled.' },
  TunnelDevice: { read: one(tunnelDevice), group: 'no effect', doc: 'Networks are not tunnelled.' },
  XAuthLocation: { read: one(), group: 'no effect', doc: 'X11 is not forwarded.' },
} satisfies Record<string, Keyword>
