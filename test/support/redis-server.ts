// A real Redis for tests, with a port for TLS, which asks for a password.

import { join } from 'node:path'
import { selfSigned } from '../docs/self-signed.js'
import type { DatabaseServer } from './driver-contract.js'
import { ServerHome, type ServerPlace } from './server-process.js'
import { freePort } from './sshd.js'

/** Starts it. Its only user is `default`. */
export async function startRedis(place: ServerPlace = {}): Promise<DatabaseServer> {
  const { name: host = 'localhost', address = '127.0.0.1' } = place
  const home = new ServerHome('redis', place)
  const { cert, key } = place.certificate ?? selfSigned(host)
  const password = 'made up'
  const port = place.port ?? (await freePort(address))
  const tlsPort = place.port === undefined ? await freePort(address) : place.port + 1
  const settings = {
    bind: address,
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
    ...{ host, port, tlsPort, user: 'default', password, ca: cert, socketDirectory },
    ...{ log, stop, [Symbol.asyncDispose]: stop },
  }
}
