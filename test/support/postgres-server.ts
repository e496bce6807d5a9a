// A real PostgreSQL for tests, with TLS, which asks for a password and logs who connects and goes.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { selfSigned } from '../docs/self-signed.js'
import type { DatabaseServer } from './driver-contract.js'
import { ServerHome, type ServerPlace } from './server-process.js'
import { freePort } from './sshd.js'

/** Starts it. The user and the database are called `shop`. */
export async function startPostgres(place: ServerPlace = {}): Promise<DatabaseServer> {
  const { name: host = 'localhost', address = '127.0.0.1' } = place
  const home = new ServerHome('postgres', { ...place, user: 'postgres' })
  const { cert, key } = place.certificate ?? selfSigned(host)
  const password = 'made up'
  const data = join(home.directory, 'data')
  await home.prepare(programOf('initdb'), [
    ...['-D', data, '-U', 'shop', '-A', 'scram-sha-256', '--pwfile', home.write('password', password)],
    ...['--no-sync', '--no-instructions', '-E', 'UTF8', '--locale', 'C'],
  ])
  const makeDatabase = 'echo "CREATE DATABASE shop" | "$0" --single -F -D "$1" postgres'
  await home.prepare('sh', ['-c', makeDatabase, programOf('postgres'), data])
  const port = place.port ?? (await freePort(address))
  const settings = {
    listen_addresses: address,
    port: String(port),
    unix_socket_directories: home.directory,
    hba_file: home.write('pg_hba.conf', 'local all all scram-sha-256\nhost all all all scram-sha-256\n'),
    ssl: 'on',
    ssl_cert_file: home.write('cert.pem', cert),
    ssl_key_file: home.write('key.pem', key),
    shared_buffers: '16MB',
    fsync: 'off',
    log_connections: 'on',
    log_disconnections: 'on',
  }
  const server = await home.start(
    programOf('postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    /ready to accept connections/,
  )
  const { log, stop } = server
  const socketDirectory = home.directory
  return {
    ...{ host, port, tlsPort: port, user: 'shop', password, ca: cert, socketDirectory },
    ...{ log, stop, [Symbol.asyncDispose]: stop },
  }
}

/** Debian keeps the programs of each version apart and out of PATH. */
function programOf(name: string): string {
  const versions = '/usr/lib/postgresql'
  const found = existsSync(versions)
    ? readdirSync(versions)
        .map((version) => join(versions, version, 'bin', name))
        .filter((path) => existsSync(path))
    : []
  return found.at(-1) ?? name
}
