// Which of the gateways that were asked for a host counts: the caller's, else the highest source's. Holds the rule that
// both kinds at once, a connection and a ProxyCommand of ssh_config, are an error.

import type { ConfiguredGateway } from '../config/host-answer.js'
import type { Origin } from '../config/merge.js'
import { GatewayConflictError } from '../errors.js'
import {
  findGatewayConnection,
  type Gateway,
  type GivenGateway,
  jumpThrough,
  parseProxyCommand,
  parseProxyJump,
} from './gateway.js'

/** The gateway that counts, and where it is from. */
export type ChosenGateway = Gateway & { readonly from: Origin }

/** `given` is the caller's; `configured` come in falling precedence. Throws {@link GatewayConflictError}. */
export function chooseGateway(
  given: GivenGateway | undefined,
  configured: readonly ConfiguredGateway[],
): ChosenGateway {
  checkConflict(given, configured)
  const beat = Object.freeze(configured.slice(given === undefined ? 1 : 0).map(({ origin }) => origin))
  if (given !== undefined) return { ...given, from: Object.freeze({ from: given.origin, beat }) }
  const [first] = configured
  if (first === undefined) return { kind: 'direct', from: Object.freeze({ from: 'default', beat }) }
  return { ...normalize(first), from: Object.freeze({ from: first.origin, beat }) }
}

function normalize(configured: ConfiguredGateway): Gateway {
  switch (configured.kind) {
    case 'direct':
      return configured
    case 'jump':
      return 'hops' in configured
        ? jumpThrough(configured.hops, configured.origin)
        : parseProxyJump(configured.text, configured.origin)
    case 'command': {
      const gateway = parseProxyCommand(configured.command, configured.origin)
      return gateway.kind === 'command' ? { ...gateway, permit: configured.permit } : gateway
    }
  }
}

// ssh's own options -J and ProxyJump over a configured ProxyCommand are no conflict: that is ssh's order of precedence.
function checkConflict(given: GivenGateway | undefined, configured: readonly ConfiguredGateway[]): void {
  const command = configured.find(({ source, kind }) => source === 'ssh_config' && kind === 'command')
  if (command === undefined) return
  const own = configured.find(({ source }) => source !== 'ssh_config')
  const isConnection = given === undefined ? own?.kind === 'jump' : findGatewayConnection(given) !== undefined
  const origin = (given ?? own)?.origin
  if (!isConnection || origin === undefined) return
  throw new GatewayConflictError(
    `two kinds of gateway for one host: ${origin} and the ProxyCommand of ${command.origin}`,
    [origin, command.origin],
    'connect directly by gateway: false, write ProxyCommand none for this host, or leave ssh_config out by sshConfig: false',
  )
}
