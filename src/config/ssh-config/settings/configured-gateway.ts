// The gateway that ssh_config gives to a host. Which of ProxyJump and ProxyCommand counts was decided when the files were
// evaluated; whether the hosts of a ProxyJump may be connected to is for the route.

import { ConfigError } from '../../../errors.js'
import { printable } from '../../../printable.js'
import type { ConfiguredGateway } from '../../host-answer.js'
import type { SshConfigAnswer } from '../answer.js'
import { type Expand, isNone } from '../tokens/expand-values.js'
import type { JumpHop } from '../values/jump-hop.js'
import { findHops } from '../values/proxy-jump.js'

/**
 * The gateway; `direct` where ssh_config says `none`, `undefined` where it says nothing. The tokens of a ProxyJump are
 * expanded, those of a ProxyCommand are not. Throws {@link ConfigError}: UNSUPPORTED_OPTION for `ProxyCommand -`, and as
 * {@link Expand}.
 */
export function findConfiguredGateway(
  { values }: SshConfigAnswer,
  expand: Expand,
): ConfiguredGateway | undefined {
  const source = 'ssh_config'
  const [jump] = values.get('ProxyJump') ?? []
  const [command] = values.get('ProxyCommand') ?? []
  const [hops = 'none'] = jump?.words ?? []
  if (jump !== undefined && !isNone(hops)) {
    const { origin } = jump
    return { source, origin, kind: 'jump', hops: expandedHops(hops, origin, expand) }
  }
  const said = command ?? jump
  if (said === undefined) return undefined
  const { origin } = said
  const [text = 'none'] = command?.words ?? []
  if (isNone(text)) return { source, origin, kind: 'direct' }
  if (text.trim() === '-') throw standardStreams(origin)
  return { source, origin, kind: 'command', command: text }
}

// The list is split before its tokens are expanded: no value can add a hop, or turn a user into a host.
function expandedHops(list: string, origin: string, expand: Expand): readonly JumpHop[] {
  const hops = findHops(list)
  if (hops === undefined) throw noList(list, origin)
  const place = { keyword: 'ProxyJump', origin } as const
  return hops.map(({ user, host, port }) => ({
    user: user === undefined ? undefined : expand(user, place),
    host: expand(host, place),
    port,
  }))
}

function noList(list: string, origin: string): ConfigError {
  const message = `invalid ProxyJump "${printable(list)}"`
  return new ConfigError('CONFIG_INVALID', `${origin}: ${message}`, {
    origin,
    phase: 'resolve',
    problems: [{ origin, message }],
  })
}

function standardStreams(origin: string): ConfigError {
  const message =
    'ProxyCommand - would take the streams of this process for the connection, which is not supported'
  return new ConfigError('UNSUPPORTED_OPTION', `${origin}: ${message}`, {
    origin,
    phase: 'resolve',
    hint: 'give a command, or a dialer as the gateway of the connection',
    problems: [{ origin, message }],
  })
}

/** A line for people where both keywords would apply to a host: which won, and what it beat. */
export function findProxyRivalry({ values, beaten }: SshConfigAnswer): readonly string[] {
  const pairs = [
    ['ProxyJump', 'ProxyCommand'],
    ['ProxyCommand', 'ProxyJump'],
  ] as const
  return pairs.flatMap(([winner, loser]) => {
    const [won] = values.get(winner) ?? []
    const [lost] = beaten.get(loser) ?? []
    if (won === undefined || lost === undefined || values.has(loser)) return []
    return [`${won.origin}: ${winner} stands before the ${loser} of ${lost}, which has no effect`]
  })
}
