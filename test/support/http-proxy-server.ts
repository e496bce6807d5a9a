// A real HTTP proxy: tinyproxy, with or without a user and a password.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ProxyProcess, startProxyProcess } from './proxy-process.js'
import { scratchDir } from './run-dir.js'
import { freePort, randomLoopback } from './sshd.js'

export interface HttpProxyOptions {
  readonly login?: { readonly user: string; readonly password: string }
  /** Further lines of tinyproxy.conf(5): `ConnectPort 22`. */
  readonly config?: readonly string[]
  readonly host?: string
  readonly port?: number
  readonly under?: readonly string[]
}

/** Starts it on an address of its own. */
export async function startHttpProxy(options: HttpProxyOptions = {}): Promise<ProxyProcess> {
  const { login, config = [], host = randomLoopback(), under } = options
  const port = options.port ?? (await freePort(host))
  const file = join(scratchDir('tinyproxy'), 'tinyproxy.conf')
  const lines = [
    `Port ${port}`,
    `Listen ${host}`,
    'Timeout 600',
    'LogLevel Connect',
    'MaxClients 100',
    ...(login === undefined ? [] : [`BasicAuth ${login.user} ${login.password}`]),
    ...config,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  return startProxyProcess({
    program: 'tinyproxy',
    args: ['-d', '-c', file],
    host,
    port,
    asked: /Request \(.*\): CONNECT (\S+)/,
    ...(under && { under }),
  })
}
