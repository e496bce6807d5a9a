// The SOCKS5 proxy as a gateway.

import { checkNames } from '../option-check.js'
import { checkProxyGateway, ProxyDialer, type ProxyGateway } from './proxy.js'
import { type ProxyLogin, readProxy } from './proxy-options.js'

export interface Socks5Options extends ProxyLogin {
  /** What the proxy is reached through. Default: directly. */
  readonly gateway?: ProxyGateway | undefined
}

const optionNames = { gateway: true, user: true, password: true } as const satisfies Record<
  keyof Socks5Options,
  true
>
const socks = { protocol: 'socks5', port: 1080 } as const

/**
 * A SOCKS5 proxy: `socks5://user:password@proxy.example:1080`. Names are always resolved by the proxy, so that
 * `socks5h://` means the same. Throws ConfigError. RFC 1928, RFC 1929.
 */
export function socks5(url: string, options: Socks5Options = {}): ProxyDialer {
  checkNames(options, optionNames)
  checkProxyGateway(options.gateway, 'socks5')
  const spec = readProxy(url, options, { name: 'socks5', schemes: { socks5: socks, socks5h: socks } })
  return new ProxyDialer(spec, options.gateway)
}
