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
 * were opened are closed again. Rejects like `Connection.open`. `signal` ends the forwards, too (ssh_config(5) LocalForward
 * and its family).
 */
export async function forwardConfigured(
  acquire: Acquire,
  settings: ForwardSettings,
  options: CallOptions,
): Promise<readonly Forward[]> {
  const all = configured(settings)
  if (all.length === 0) return []
  const forwards: Forward[] = []
  const startedAt = performance.now()
  const { timeoutMs } = options
  const left = (): CallOptions =>
    timeoutMs === undefined
      ? options
      : { ...options, timeoutMs: Math.max(0, timeoutMs - (performance.now() - startedAt)) }
  // What is wrong with the connection is the matter of no single forward, and is met once.
  const lease = await acquire(options)
  try {
    for (const each of all) {
      try {
        forwards.push(await open(acquire, each, { settings, options: left() }))
      } catch (error) {
        if (settings.exitOnForwardFailure || !isItsOwn(error)) throw error
        reportWarning({ hop: lease.hop, message: `${each.kind} forward ${each.text}: ${error.message}` })
      }
    }
    return forwards
  } catch (error) {
    await Promise.all(forwards.map((forward) => forward.close()))
    throw error
  } finally {
    lease.release()
  }
}

/** Whether it concerns one forward, and not the connection of all. */
function isItsOwn(error: unknown): error is SallyportError {
  if (!(error instanceof SallyportError)) return false
  const { code, phase } = error
  return (
    code === 'FORWARD_REFUSED' ||
    code === 'INVALID_OPTION' ||
    (phase === 'listen' && code !== 'ABORT_ERR' && code !== 'CLOSED')
  )
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

function open(
  acquire: Acquire,
  { kind, spec: { listen: said, to } }: Configured,
  { settings, options }: { readonly settings: ForwardSettings; readonly options: CallOptions },
): Promise<Forward> {
  // As with ssh, what is said of listeners here says nothing of those on the host.
  const listen = settings.gatewayPorts && kind !== 'remote' ? forEveryone(said) : said
  // Whoever writes an address where ssh listens has said so.
  const gatewayPorts = 'host' in listen && listen.host !== undefined
  const request = { ...options, listen, gatewayPorts }
  if (kind === 'remote') return forwardRemote(acquire, to === undefined ? request : { ...request, to })
  if (kind === 'dynamic') return forwardDynamic(acquire, request)
  if (to === undefined) throw new RangeError('a local forward without a destination')
  return forwardLocal(acquire, { ...request, to })
}
