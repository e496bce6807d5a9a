// The ways to the first of several proxies: by TCP from here, through the session of a hop, or through a dialer.

import { abortError } from '../aborted.js'
import type { Address, Dialer } from '../dialer.js'
import { ConnectError, formatHop, type HopRef } from '../errors.js'
import type { ProxySpec } from '../route/proxy-spec.js'
import type { Session } from '../wire/wire.js'
import { openChannelLink } from './channel.js'
import { openDialer } from './dialer.js'
import { doneFor } from './for-hop.js'
import type { Link } from './link.js'
import { openProxied } from './proxied.js'
import { proxyFailed } from './proxy-error.js'
import { openTcp } from './tcp.js'

export interface ProxyLinkRequest {
  /** In the order in which they are passed; not empty. */
  readonly proxies: readonly ProxySpec[]
  readonly address: Address
  /** The session of the hop before; `undefined` for a first hop, whose first proxy is reached from here. */
  readonly session: Session | undefined
  readonly hop: HopRef
  readonly signal: AbortSignal
}

/**
 * Opens a stream to a hop through proxies. Rejects with `ConnectError`: PROXY_FAILED, CONNECTION_REFUSED and the like as
 * the proxy says it, or what the gateway says that does not lead to the proxy.
 */
export async function openProxyLink(request: ProxyLinkRequest): Promise<Link> {
  const { proxies, address, session, hop, signal } = request
  const phase = session === undefined ? 'dial' : 'channel'
  if (signal.aborted) throw abortError(signal.reason, { hop, phase })
  const link = await doneFor({ hop, phase }, () =>
    openProxied({
      proxies,
      address,
      signal,
      reach: (proxy) => reach(proxy, hop, () => linkTo(proxy, request)),
    }),
  ).catch((error: unknown) => {
    throw signal.aborted ? abortError(signal.reason, { hop, phase }) : error
  })
  return { ...link, remoteAddress: undefined, description: proxies.map(({ url }) => url).join(', ') }
}

/** Opens a stream through proxies for a program, which is no hop. Rejects as {@link openProxyLink}, without a hop. */
export function openProxyStream(
  request: Pick<ProxyLinkRequest, 'proxies' | 'address' | 'signal'> & {
    /** What the first proxy is reached through; `undefined` for directly. */
    readonly dialer: Dialer | undefined
  },
): Promise<Link> {
  const { proxies, address, signal, dialer } = request
  return openProxied({
    proxies,
    address,
    signal,
    reach: (proxy) => {
      const { host, port } = proxy
      const hop: HopRef = { index: 0, count: 1, user: '', host, port, via: undefined }
      return reach(proxy, hop, () =>
        dialer === undefined
          ? openTcp({ host, port, addressFamily: 'any', hop, signal })
          : openDialer({ dialer, address: { host, port }, hop, signal }),
      )
    },
  })
}

function linkTo({ host, port }: ProxySpec, { session, hop, signal }: ProxyLinkRequest): Promise<Link> {
  return session === undefined
    ? openTcp({ host, port, addressFamily: 'any', hop, signal })
    : openChannelLink({ session, address: { host, port }, hop, signal })
}

/** Says which proxy it was that could not be reached. What else there is to say passes. */
async function reach(proxy: ProxySpec, hop: HopRef, open: () => Promise<Link>): Promise<Link> {
  try {
    return await open()
  } catch (error) {
    if (!(error instanceof ConnectError) || !notReached.has(error.code)) throw error
    const prefix = `${formatHop(hop)}: `
    const why = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message
    throw proxyFailed(proxy, `could not be reached: ${why}`, { cause: error })
  }
}

const notReached: ReadonlySet<string> = new Set(['NAME_NOT_FOUND', 'CONNECTION_REFUSED', 'CONNECTION_FAILED'])
