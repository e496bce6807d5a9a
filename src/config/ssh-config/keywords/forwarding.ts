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
    group: 'honoured',
    doc: 'No forward of the configuration or of the command line is opened.',
  },
  DynamicForward: {
    read: dynamicForward,
    join: gatherOnce,
    group: 'honoured',
    doc: 'A proxy here, whose destinations the host dials; opened by `forwardConfigured`, and by the program.',
  },
  ExitOnForwardFailure: {
    read: one(flag),
    group: 'honoured',
    doc: 'Whether a forward that cannot be opened is an error.',
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
    group: 'honoured',
    doc: 'Whether local and dynamic forwards may be reached by others.',
  },
  LocalForward: {
    read: localForward,
    join: gatherOnce,
    group: 'honoured',
    doc: 'A listener here that leads to a destination there; opened by `forwardConfigured`, and by the program.',
  },
  PermitRemoteOpen: {
    read: severalOr(['any', 'none'], permittedOpen),
    group: 'honoured',
    doc: 'What the far side may ask for at a remote forward without a destination.',
  },
  RemoteForward: {
    read: remoteForward,
    join: gatherOnce,
    group: 'honoured',
    doc: 'A listener there that leads to a destination here; opened by `forwardConfigured`, and by the program.',
  },
  StreamLocalBindMask: {
    read: one(octalMask),
    join: lastWins,
    everywhere: true,
    group: 'honoured',
    doc: 'The mode of unix sockets on which forwards listen here.',
  },
  StreamLocalBindUnlink: {
    read: one(flag),
    group: 'honoured',
    doc: 'Whether a unix socket that is in the way is removed.',
  },
  Tunnel: { read: one(tunnel), group: 'no effect', doc: 'Networks are not tunnelled.' },
  TunnelDevice: { read: one(tunnelDevice), group: 'no effect', doc: 'Networks are not tunnelled.' },
  XAuthLocation: { read: one(), group: 'no effect', doc: 'X11 is not forwarded.' },
} satisfies Record<string, Keyword>
