// A real Redis for tests, with a port for TLS, which asks for a password.

import { join } from 'node:path'
import { selfSigned } from '../docs/self-signed.js'
import type { DatabaseServer } from './driver-contract.js'
import { ServerHome } from './server-process.js'
import { freePort } from './sshd.js'

/** Starts it on 127.0.0.1; its certificate is for `localhost`. Its only user is `default`. */
export async function startRedis(): Promise<DatabaseServer> {
  const home = new ServerHome('redis')
  const { cert, key } = selfSigned('localhost')
  const password = 'made up'
  const port = await freePort('127.0.0.1')
  const tlsPort = await freePort('127.0.0.1')
  const settings = {
    bind: '127.0.0.1',
    port: String(port),
    unixsocket: join(home.directory, 'sock'),
    'tls-port': String(tlsPort),
    'tls-cert-file': home.write('cert.pem', cert),
    'tls-key-file': home.write('key.pem', key),
    'tls-auth-clients': 'no',
    dir: home.directory,
    save: '',
    requirepass: password,
  }
  const server = await home.start(
    'redis-server',
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    /Ready to accept connections/,
  )
  const { log, stop } = server
  const socketDirectory = home.directory
  return {
    ...{ host: 'localhost', port, tlsPort, user: 'default', password, ca: cert, socketDirectory },
    ...{ log, stop, [Symbol.asyncDispose]: stop },
  }
}
