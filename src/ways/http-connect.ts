// The HTTP proxy as a gateway.

import { checkNames } from '../option-check.js'
import type { ProxyTls } from '../route/proxy-spec.js'
import { checkProxyGateway, ProxyDialer, type ProxyGateway } from './proxy.js'
import { type ProxyLogin, readProxy } from './proxy-options.js'

export interface HttpConnectOptions extends ProxyLogin {
  /** What the proxy is reached through. Default: directly. */
  readonly gateway?: ProxyGateway | undefined
  /** For `https://` only. */
  readonly tls?: ProxyTls | undefined
}

const optionNames = { gateway: true, user: true, password: true, tls: true } as const satisfies Record<
  keyof HttpConnectOptions,
  true
>

/**
 * An HTTP proxy that takes CONNECT: `http://user:password@proxy.example:3128`, or `https://` for TLS up to the proxy. Without a
 * port they are 1080 and 443, as with curl. The user and the password are sent as Basic. Throws ConfigError.
 * RFC 9110 9.3.6, RFC 7617.
 */
export function httpConnect(url: string, options: HttpConnectOptions = {}): ProxyDialer {
  checkNames(options, optionNames)
  checkProxyGateway(options.gateway, 'httpConnect')
  const spec = readProxy(url, options, {
    name: 'httpConnect',
    schemes: { http: { protocol: 'http', port: 1080 }, https: { protocol: 'https', port: 443 } },
  })
  return new ProxyDialer(spec, options.gateway)
}
