// The forwards that the settings of a host name, in ssh's own words: opened together, as ssh opens them.

import { type ForwardKind, type ForwardSpec, parseForward } from '../config/forward-spec.js'
import type { Settings } from '../config/settings.js'
import { reportWarning } from '../diagnostics.js'
import type { CallOptions, ListenAddress } from '../dialer.js'
import { SallyportError } from '../errors.js'
import type { Acquire } from '../hops/lease.js'
import type { Forward } from './forward.js'
import { forwardDynamic } from './forward-dynamic.js'
import { forwardLocal } from './forward-local.js'
import { forwardRemote } from './forward-remote.js'

type ForwardSettings = Pick<
  Settings,
  | 'localForward'
  | 'remoteForward'
  | 'dynamicForward'
  | 'clearAllForwardings'
  | 'exitOnForwardFailure'
  | 'gatewayPorts'
>

/**
 * Opens what `localForward`, `dynamicForward` and `remoteForward` say, in this order; nothing with
 * `clearAllForwardings`. One that cannot be opened is a warning; with `exitOnForwardFailure` it rejects, and those that
 * were opened are closed again. `signal` ends the forwards, too (ssh_config(5) LocalForward and its family).
 */
export async function forwardConfigured(
  acquire: Acquire,
  settings: ForwardSettings,
  options: CallOptions,
): Promise<readonly Forward[]> {
  const forwards: Forward[] = []
  for (const { kind, text, spec } of configured(settings)) {
    // As with ssh, what is said of listeners here says nothing of those on the host.
    const isOpen = settings.gatewayPorts && kind !== 'remote'
    const listen = isOpen ? forEveryone(spec.listen) : spec.listen
    // Whoever writes an address where ssh listens has said so.
    const gatewayPorts = 'host' in listen && listen.host !== undefined
    try {
      forwards.push(await open(acquire, kind, { ...options, ...spec, listen, gatewayPorts }))
    } catch (error) {
      const isFinal = options.signal?.aborted === true || !(error instanceof SallyportError)
      if (isFinal || settings.exitOnForwardFailure) {
        await Promise.all(forwards.map((forward) => forward.close()))
        throw error
      }
      reportWarning({ hop: error.hop, message: `${kind} forward ${text}: ${error.message}` })
    }
  }
  return forwards
}

interface Configured {
  readonly kind: ForwardKind
  readonly text: string
  readonly spec: ForwardSpec
}

function configured(settings: ForwardSettings): readonly Configured[] {
  if (settings.clearAllForwardings) return []
  const of = (kind: ForwardKind, texts: readonly string[]): readonly Configured[] =>
    texts.map((text) => ({ kind, text, spec: parseForward(text, kind, `${kind}Forward`) }))
  return [
    ...of('local', settings.localForward),
    ...of('dynamic', settings.dynamicForward),
    ...of('remote', settings.remoteForward),
  ]
}

function forEveryone(listen: ListenAddress): ListenAddress {
  return 'path' in listen ? listen : { ...listen, host: listen.host ?? '*' }
}

type OpenRequest = ForwardSpec & CallOptions & { readonly gatewayPorts: boolean }

function open(acquire: Acquire, kind: ForwardKind, request: OpenRequest): Promise<Forward> {
  const { to, ...rest } = request
  if (kind === 'remote') return forwardRemote(acquire, to === undefined ? rest : { ...rest, to })
  if (kind === 'dynamic') return forwardDynamic(acquire, rest)
  if (to === undefined) throw new RangeError('a local forward without a destination')
  return forwardLocal(acquire, { ...rest, to })
}
