// A SOCKS or HTTP proxy as data of a route: where it is and what it speaks. Its credentials are in it, but nothing that
// prints or copies an object finds them.

import { inspect } from 'node:util'

/** A proxy on the way to a hop. Frozen. What is printed of it is its {@link ProxySpec.url}. */
export interface ProxySpec {
  /** `https` is HTTP CONNECT within TLS. */
  readonly protocol: 'socks5' | 'http' | 'https'
  readonly host: string
  readonly port: number
  /** `socks5://proxy.example:1080`: how routes and messages name it, never with credentials. */
  readonly url: string
  /** What it is told who asks; not enumerable, as the next one. */
  readonly credentials: ProxyCredentials | undefined
  readonly tls: ProxyTls | undefined
}

export interface ProxyCredentials {
  readonly user: string
  readonly password: ProxyPassword
}

/** A password, or what gives it each time that the proxy is used. */
export type ProxyPassword = string | (() => string | Promise<string>)

/** How the certificate of an `https://` proxy is judged, and what it is shown. Values as of `tls.connect`. */
export interface ProxyTls {
  /** The authorities to trust, in place of those that Node trusts. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined
  /** The name that the certificate must have. Default: the host of the proxy. */
  readonly serverName?: string | undefined
  /** A certificate of our own, and its key. */
  readonly cert?: string | Buffer | undefined
  readonly key?: string | Buffer | undefined
}

/** Makes a proxy that can be printed. */
export function proxySpec(given: Omit<ProxySpec, 'url'>): ProxySpec {
  const { protocol, host, port, credentials, tls } = given
  const url = `${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}`
  const shown = { value: () => url }
  return Object.freeze(
    Object.defineProperties({ protocol, host, port, url, credentials, tls } as const, {
      credentials: { enumerable: false },
      tls: { enumerable: false },
      toJSON: shown,
      [inspect.custom]: shown,
    }),
  )
}
