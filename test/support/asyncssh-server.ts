// A real SSH server that is not OpenSSH: AsyncSSH of Debian, with its own SFTP server. It runs no commands.

import { userInfo } from 'node:os'
import { join } from 'node:path'
import { Connection, type ConnectionOptions } from '../../src/index.js'
import { keyPair } from './keys.js'
import { knownHostsFile } from './link-up.js'
import { ServerHome } from './server-process.js'
import { randomLoopback } from './sshd.js'

export interface AsyncsshServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** A connection to it, not open yet. */
  connect(options?: ConnectionOptions): Connection
}

/** Starts it at an address of its own, and waits until it listens. */
export async function startAsyncsshServer(): Promise<AsyncsshServer> {
  const home = new ServerHome('asyncssh')
  const host = randomLoopback()
  const [hostKey, userKey] = await Promise.all([keyPair('asyncssh-host'), keyPair('asyncssh-user')])
  const authorizedKeys = home.write('authorized_keys', `${userKey.publicLine}\n`)
  const script = join(import.meta.dirname, 'asyncssh-server.py')
  // Debian's Python has Debian's packages.
  const { log, stop } = await home.start(
    '/usr/bin/python3',
    [script, host, hostKey.file, authorizedKeys],
    /^port \d+/,
  )
  const said = log.lines().find(({ text }) => text.startsWith('port '))
  const port = Number(said?.text.slice('port '.length))
  const known = knownHostsFile(`[${host}]:${port} ${hostKey.publicLine}\n`)
  return {
    host,
    port,
    connect: (options = {}) =>
      new Connection(host, {
        ...{ user: userInfo().username, port, identityFile: [userKey.file], identityAgent: 'none' },
        ...{ userKnownHostsFile: [known], globalKnownHostsFile: [], ...options },
      }),
    [Symbol.asyncDispose]: stop,
  }
}
