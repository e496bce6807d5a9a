// A real MariaDB for tests, with TLS, which asks for a password.

import { join } from 'node:path'
import { selfSigned } from '../docs/self-signed.js'
import type { DatabaseServer } from './driver-contract.js'
import { ServerHome, type ServerPlace } from './server-process.js'
import { freePort } from './sshd.js'

/** Starts it. The user and the database are called `shop`. */
export async function startMariadb(place: ServerPlace = {}): Promise<DatabaseServer> {
  const { name: host = 'localhost', address = '127.0.0.1' } = place
  const home = new ServerHome('mariadb', { ...place, user: 'daemon' })
  const { cert, key } = place.certificate ?? selfSigned(host)
  const password = 'made up'
  const data = join(home.directory, 'data')
  await home.prepare('mariadb-install-db', [
    ...['--no-defaults', `--datadir=${data}`, '--skip-test-db', '--skip-name-resolve'],
    ...['--auth-root-authentication-method=normal', '--innodb-flush-method=nosync'],
  ])
  const port = place.port ?? (await freePort(address))
  const initFile = home.write(
    'init.sql',
    `CREATE DATABASE shop;\nCREATE USER shop@'%' IDENTIFIED BY '${password}';\nGRANT ALL ON shop.* TO shop@'%';\n`,
  )
  const certificate = home.write('cert.pem', cert)
  const server = await home.start(
    '/usr/sbin/mariadbd',
    [
      ...['--no-defaults', `--datadir=${data}`, `--init-file=${initFile}`, `--bind-address=${address}`],
      ...[`--port=${port}`, `--socket=${join(home.directory, 'sock')}`, '--skip-name-resolve'],
      ...[`--ssl-cert=${certificate}`, `--ssl-key=${home.write('key.pem', key)}`, `--ssl-ca=${certificate}`],
      ...[`--pid-file=${join(home.directory, 'pid')}`, '--max-allowed-packet=64M'],
      ...['--innodb-flush-method=nosync', '--innodb-buffer-pool-size=16M'],
    ],
    /ready for connections/,
  )
  const { log, stop } = server
  const socketDirectory = home.directory
  return {
    ...{ host, port, tlsPort: port, user: 'shop', password, ca: cert, socketDirectory },
    ...{ log, stop, [Symbol.asyncDispose]: stop },
  }
}
