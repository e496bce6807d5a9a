// A real SOCKS5 proxy: microsocks, with or without a user and a password.

import { type ProxyProcess, startProxyProcess } from './proxy-process.js'
import { freePort, randomLoopback } from './sshd.js'

export interface SocksProxyOptions {
  readonly login?: { readonly user: string; readonly password: string }
  readonly host?: string
  readonly port?: number
  readonly under?: readonly string[]
}

/** Starts it on an address of its own. */
export async function startSocksProxy(options: SocksProxyOptions = {}): Promise<ProxyProcess> {
  const { login, host = randomLoopback(), under } = options
  const port = options.port ?? (await freePort(host))
  const loginArgs = login === undefined ? [] : ['-u', login.user, '-P', login.password]
  return startProxyProcess({
    program: 'microsocks',
    args: ['-i', host, '-p', String(port), ...loginArgs],
    host,
    port,
    asked: /connected to (\S+)/,
    ...(under && { under }),
  })
}
