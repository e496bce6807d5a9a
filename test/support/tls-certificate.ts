// A certificate for tests of TLS inside a tunnel, made by openssl and good for a day.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchDir } from './run-dir.js'

export interface Certificate {
  readonly cert: Buffer
  readonly key: Buffer
}

/** Signed by itself, for one name. */
export function certificateFor(name: string): Certificate {
  const directory = scratchDir('certificate')
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-days', '1']
  const args = ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert]
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  return { cert: readFileSync(cert), key: readFileSync(key) }
}
