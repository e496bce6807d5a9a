// A real SMTP server for tests (aiosmtpd), which takes no mail before STARTTLS and keeps what it takes in a directory.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { selfSigned } from '../docs/self-signed.js'
import type { RigLog } from './rig-log.js'
import { ServerHome, type ServerPlace } from './server-process.js'
import { freePort } from './sshd.js'

export interface SmtpServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** The authority of its certificate, which is for `host`. */
  readonly ca: string
  /** The messages that it has taken. */
  messages(): readonly string[]
  readonly log: RigLog
}

/** Starts it. With `secure`, TLS begins with the first byte instead of by STARTTLS. */
export async function startSmtpServer(
  place: ServerPlace & { readonly secure?: boolean } = {},
): Promise<SmtpServer> {
  const { name: host = 'localhost', address = '127.0.0.1', secure = false } = place
  const home = new ServerHome('smtp', place)
  const { cert, key } = selfSigned(host)
  const port = place.port ?? (await freePort(address))
  const mail = join(home.directory, 'mail')
  const kind = secure ? 'smtps' : 'tls'
  const { log, stop } = await home.start(
    'aiosmtpd',
    [
      ...['-n', '-d', '-l', `${address}:${port}`],
      ...[`--${kind}cert`, home.write('cert.pem', cert), `--${kind}key`, home.write('key.pem', key)],
      ...['-c', 'aiosmtpd.handlers.Mailbox', mail],
    ],
    /Server is listening on /,
  )
  return {
    ...{ host, port, ca: cert },
    messages: () =>
      readdirSync(join(mail, 'new')).map((name) => readFileSync(join(mail, 'new', name), 'utf8')),
    ...{ log, [Symbol.asyncDispose]: stop },
  }
}
