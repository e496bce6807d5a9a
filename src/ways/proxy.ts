// A proxy as what can be given as a gateway, and dial by itself.

import type { Duplex } from 'node:stream'
import { inspect } from 'node:util'
import { invalid } from '../config/kinds.js'
import type { Address, CallOptions, Dialer } from '../dialer.js'
import { AbortError, SallyportError } from '../errors.js'
import { checkAddress, checkCallOptions } from '../option-check.js'
import {
  type GatewayConnection,
  type GatewayProxy,
  gatewayRoute,
  type ProxyRoute,
  proxyRoute,
} from '../route/gateway.js'
import type { ProxySpec } from '../route/proxy-spec.js'
import { openProxyStream } from '../transport/proxy.js'

/** What a proxy can be reached through: a `Connection`, or another proxy. */
export type ProxyGateway = (GatewayConnection & Dialer) | ProxyDialer

/** Milliseconds for a dial that is not told how long it may take. */
const dialLimitMs = 10_000

/**
 * A proxy, with all that stands before it. Given as `gateway` it is a part of the route; by itself it is a
 * {@link Dialer}. It holds nothing open. Its credentials are not printed.
 */
export class ProxyDialer implements Dialer, GatewayProxy {
  /** `socks5://proxy.example:1080`; those before it are named, too. Never with credentials. */
  readonly name: string
  readonly #route: ProxyRoute
  readonly #dialer: Dialer | undefined

  /** @internal Use `socks5` or `httpConnect`. */
  constructor(spec: ProxySpec, gateway: ProxyGateway | undefined) {
    const before = gateway instanceof ProxyDialer ? gateway[proxyRoute].proxies : []
    const proxies = Object.freeze([...before, spec])
    const connection = gateway instanceof ProxyDialer ? gateway[proxyRoute].connection : gateway
    this.name = proxies.map(({ url }) => url).join(' → ')
    this.#route = Object.freeze({ proxies, connection })
    this.#dialer = gateway instanceof ProxyDialer ? gateway.#dialer : gateway
  }

  /** For connections that go through this proxy. */
  get [proxyRoute](): ProxyRoute {
    return this.#route
  }

  /**
   * Opens a stream to `address`, whose name is resolved by the proxy; within 10 s where the call does not say otherwise.
   * The caller destroys the stream. Rejects with `SallyportError`: PROXY_FAILED, CONNECTION_REFUSED and the like.
   */
  async dial(address: Address, options: CallOptions = {}): Promise<Duplex> {
    checkAddress(address)
    checkCallOptions(options)
    const { signal, timeoutMs = dialLimitMs } = options
    const limit = new AbortController()
    const late = (): void =>
      limit.abort(
        new SallyportError('TIMEOUT', `no stream by ${this.name} within ${timeoutMs} ms`, { phase: 'dial' }),
      )
    const timer = setTimeout(late, timeoutMs)
    const both = signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal])
    try {
      both.throwIfAborted()
      const { proxies } = this.#route
      const { stream } = await openProxyStream({ proxies, address, signal: both, dialer: this.#dialer })
      return stream
    } catch (error) {
      if (limit.signal.aborted && !signal?.aborted) throw limit.signal.reason
      if (signal?.aborted) throw aborted(signal.reason)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  toJSON(): string {
    return this.name
  }

  [inspect.custom](): string {
    return `ProxyDialer(${this.name})`
  }
}

/** A phase's limit passes as it is. */
function aborted(reason: unknown): SallyportError {
  return reason instanceof SallyportError ? reason : new AbortError({ phase: 'dial', cause: reason })
}

/** Throws ConfigError for what a proxy cannot be reached through. */
export function checkProxyGateway(
  gateway: unknown,
  name: string,
): asserts gateway is ProxyGateway | undefined {
  if (gateway === undefined || gateway instanceof ProxyDialer) return
  if (typeof gateway === 'object' && gateway !== null && gatewayRoute in gateway && 'dial' in gateway) return
  throw invalid(name, 'gateway must be a Connection or another proxy')
}
